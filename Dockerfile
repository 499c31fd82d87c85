FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /venv && python -m venv /build
COPY locks locks
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r locks/run.lock \
 && /build/bin/pip install --no-cache-dir --no-deps --require-hashes -r locks/build.lock
COPY weights weights
RUN /venv/bin/python weights/convert.py locks/model.lock
COPY . .
RUN for path in . clients/python weights weights/e5; do \
        /build/bin/python -m build --wheel --no-isolation --outdir dist "$path" || exit; \
    done \
 && /venv/bin/pip install --no-cache-dir --no-deps --no-index dist/*.whl

FROM python:3.11-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 keepsake \
 && useradd --system --uid 10001 --gid 10001 --no-create-home keepsake \
 && install --directory --owner keepsake --mode 0700 /var/lib/keepsake
COPY --from=build /venv /venv
WORKDIR /var/lib/keepsake
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 KEEPSAKE_DATA_DIR=/var/lib/keepsake
USER keepsake
EXPOSE 8000
ENV KEEPSAKE_HTTP_HOST=0.0.0.0
CMD ["python", "-m", "web"]
