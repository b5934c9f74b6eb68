# The gateway's image, from nothing but this clone: docker build -t deepgate .
# What it is built from can be pinned: --build-arg BUILD=maven@sha256:… --build-arg BASE=debian@sha256:…
ARG BUILD=maven:3.9.11-eclipse-temurin-25
ARG BASE=debian:13.2-slim

FROM ${BUILD} AS build
WORKDIR /src
COPY pom.xml ./
COPY src/main src/main
RUN --mount=type=cache,target=/root/.m2 mvn -B -ntp -Dmaven.test.skip package
# Java, as far as the gateway uses it.
RUN jlink --strip-debug --no-header-files --no-man-pages --compress zip-6 --output /opt/java \
    --add-modules java.base,java.compiler,java.desktop,java.instrument,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.sql,java.xml,jdk.jfr,jdk.management,jdk.net,jdk.unsupported
COPY src/image src/image
RUN src/image/unpack target/deepgate.jar /app /opt/java/bin/java

FROM ${BASE}
# What changes least comes first: Java, the libraries, then the gateway and the cache of all of them.
COPY --from=build /opt/java /opt/java
COPY --from=build /app/lib /app/lib
COPY --from=build /app/deepgate.jar /app/jvm.options /app/app.aot /app/
COPY --from=build --chown=65532:65532 /app/data /app/data
WORKDIR /app
USER 65532:65532
EXPOSE 8080 8081
# The first signal drains, the second ends it at once: docker stop -t 30.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --start-interval=1s \
    CMD ["/opt/java/bin/java", "@jvm.options", "-jar", "deepgate.jar", "health"]
ENTRYPOINT ["/opt/java/bin/java", "@jvm.options", "-jar", "deepgate.jar"]
