FROM python:3.11-slim AS build
RUN python -m venv /venv
COPY requirements.txt .
# The lock holds a hash for each file: nothing is installed that was not reviewed.
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=retention.settings \
    RETENTION_DATA_DIR=/data
# The database of a first look, model artifacts, uploads and secrets live in /data, made at run time:
# none of them is part of the image.
RUN useradd --system --uid 10001 --home-dir /data shop \
    && install --directory --owner=shop --mode=700 /data
WORKDIR /app
COPY --from=build /venv /venv
COPY manage.py ./
COPY retention retention
COPY catalog catalog
COPY customers customers
COPY campaigns campaigns
COPY templates templates
COPY static static
USER shop
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "retention.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"]
