import type { Resource } from '../core/resource.ts';
import type { Converter, Project, Recording } from './facts.ts';

export const isProject = (resource: Resource): resource is Project => resource.kind === 'AgoraProject';
export const isRecording = (resource: Resource): resource is Recording => resource.kind === 'WebPageRecording';
export const isConverter = (resource: Resource): resource is Converter => resource.kind === 'RtmpConverter';

export const isMember = ({ spec, metadata }: Recording | Converter, project: Project): boolean =>
  spec.projectRef.name === project.metadata.name && metadata.namespace === project.metadata.namespace;
