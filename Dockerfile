# complog, built from this checkout: docker build -t complog .
# docs/hosting.md shows an image of an app on top of it.
FROM node:22-slim AS build
WORKDIR /complog
COPY . .
# Nothing of what only builds and tests need stays.
RUN npm ci --ignore-scripts && npm run build && npm prune --omit=dev --ignore-scripts

FROM node:22-slim
COPY --from=build /complog/package.json /complog/oclif.manifest.json /complog/LICENSE /complog/
COPY --from=build /complog/bin /complog/bin
COPY --from=build /complog/dist /complog/dist
COPY --from=build /complog/node_modules /complog/node_modules
RUN ln -s /complog/bin/run.js /usr/local/bin/complog \
    && mkdir /store && chown node:node /store
USER node
VOLUME /store
EXPOSE 8080
ENTRYPOINT ["complog"]
CMD ["--help"]
