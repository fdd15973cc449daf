# Base and stages: docs/adr/0022. `node scripts/check-dockerfile.ts` runs the steps below without Docker.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title="agora-reconciler" \
      org.opencontainers.image.description="Declarative controller for Agora web page recordings and RTMP converters" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /app
COPY package.json LICENSE ./
COPY crds ./crds
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# By number, so that the kubelet can tell that it is not root.
USER 65532:65532
EXPOSE 8080 8081
# V8 would rather grow than collect; of a rollout most is garbage at once (docs/adr/0036).
ENTRYPOINT ["node", "--max-semi-space-size=8", "--heap-growing-percent=30", "/app/dist/bin.js"]
CMD ["controller"]
