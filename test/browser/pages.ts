/** What recorded pages are made of. Pictures and sound are made in the page: no file comes from elsewhere. */
export interface PageParts {
  readonly body?: string;
  /** Runs with `stage` (below) in scope. */
  readonly script?: string;
  /** Before everything else. */
  readonly head?: string;
  /** Attributes of the watch script's tag; default: its address at the ingress. */
  readonly watch: string;
}

/**
 * `stage` draws a moving picture and makes a tone; `show(video)` plays them live, `film(video)` as a file that is made
 * first; `freeze`, `hush` and `drop` break them.
 */
const STAGE = `
  const stage = (() => {
    const canvas = document.createElement('canvas');
    canvas.width = 64; canvas.height = 36;
    const pen = canvas.getContext('2d');
    let hue = 0;
    const draw = () => { pen.fillStyle = 'hsl(' + (hue = (hue + 11) % 360) + ' 90% 50%)'; pen.fillRect(0, 0, 64, 36); };
    const drawing = setInterval(draw, 150);
    draw();
    const sound = () => {
      const context = new AudioContext();
      const tone = context.createOscillator();
      const out = context.createMediaStreamDestination();
      tone.connect(out); tone.start();
      return out.stream.getAudioTracks()[0];
    };
    const live = () => { const stream = canvas.captureStream(8); stream.addTrack(sound()); return stream; };
    const place = (video) => { video.autoplay = true; video.width = 64; video.height = 36; return video; };
    return {
      show(video) { place(video).srcObject = live(); return video.play(); },
      async film(video, seconds = 3) {
        const recorder = new MediaRecorder(live());
        const parts = [];
        recorder.ondataavailable = (event) => parts.push(event.data);
        recorder.start();
        await new Promise((done) => setTimeout(done, seconds * 1000));
        const stopped = new Promise((done) => { recorder.onstop = done; });
        recorder.stop();
        await stopped;
        place(video).src = URL.createObjectURL(new Blob(parts, { type: recorder.mimeType }));
        video.loop = true;
        return video.play();
      },
      freeze() { clearInterval(drawing); },
      hush(video) { for (const track of video.srcObject.getAudioTracks()) track.stop(); },
    };
  })();
  const video = document.querySelector('video');
`;

export const page = ({ body = '', script = '', head = '', watch }: PageParts): string => `<!doctype html>
<html><head><meta charset="utf-8"><title>Stage</title>${head}<script async ${watch}></script></head>
<body>${body}<script>${STAGE}${script}</script></body></html>`;

/** A stage with its video, which plays at once. */
export const STAGE_BODY = '<div id="stage"><video></video></div>';
