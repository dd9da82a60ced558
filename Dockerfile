# One image for every process: `docker build -t xueshi .`, then `xueshi COMMAND`.
# Tags are whole versions. Their digests could not be looked up where this was written: put your
# registry's behind them (`@sha256:…`) before you deploy.

FROM node:20.19.5-bookworm-slim AS pages
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
COPY player player
WORKDIR /build/player
RUN npm ci --ignore-scripts --no-audit --no-fund && npm run build

FROM python:3.11.14-slim-bookworm AS packages
# The source stays where the image has it: the commands look for programmes and pages beside it.
WORKDIR /opt/xueshi
# The rules are compiled; the image that runs has no compiler.
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
COPY requirements/image.lock requirements/
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements/image.lock
COPY . .
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e . \
    && .venv/bin/python -m compileall -q pipeline warehouse registry audit learner demo
COPY --from=pages /build/node_modules node_modules
COPY --from=pages /build/player/dist player/dist

FROM python:3.11.14-slim-bookworm AS xueshi
RUN useradd --uid 10001 --no-create-home xueshi \
    && install -d -o xueshi -g xueshi -m 700 /var/lib/xueshi
COPY --from=packages /opt/xueshi /opt/xueshi
ENV PATH=/opt/xueshi/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    XUESHI_VAR_DIR=/var/lib/xueshi \
    XUESHI_SECRETS_DIR=/run/secrets \
    XUESHI_LOG_FORMAT=json \
    XUESHI_OPS_HOST=0.0.0.0
USER 10001
WORKDIR /var/lib/xueshi
VOLUME /var/lib/xueshi
STOPSIGNAL SIGTERM
ENTRYPOINT ["xueshi"]
CMD ["--help"]

# `xueshi up`: the demo makes its films itself.
FROM xueshi AS demo
USER 0
RUN apt-get update \
    && apt-get install -y --no-install-recommends ffmpeg fontconfig fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
USER 10001

FROM xueshi
