# A container that reproduces everything: docker build -t whylm . && docker run --rm -v "$PWD/build:/whylm/build" whylm
# In JupyterLab: docker run --rm -p 8888:8888 whylm make lab LAB_ARGS="--allow-root --ip=0.0.0.0 --no-browser"
# Written for what the README asks for; not tried where this was written, which had no Docker.
FROM eclipse-temurin:17-jdk-jammy
RUN apt-get update && apt-get install -y --no-install-recommends fontconfig git make maven python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
ENV LC_ALL=C.UTF-8
WORKDIR /whylm
COPY . .
RUN make setup fetch
CMD ["make", "reproduce"]
