package io.deepgate.api;

import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.time.Duration;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import reactor.netty.http.server.HttpServer;

/**
 * What one connection may cost the server: time for a head, requests sent ahead of their answers, answers not read, and the
 * framing of events.
 */
final class ServerLimits implements NettyServerCustomizer {

    /** Requests on one connection whose answers have not been written; OpenAI's SDKs send one. */
    private static final int PIPELINE = 16;
    /**
     * Bytes in the kernel for a client that does not read; it doubles this for its own needs. Left to itself it grows to
     * megabytes for each.
     */
    private static final int SEND_BUFFER = 32 * 1024;

    private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(8 * 1024, 16 * 1024);

    /**
     * Pieces of an answer that Reactor Netty takes before its client has taken the first, unless this is set already; it
     * would take 128, of up to 8 KB each.
     */
    private static final String PIECES_AHEAD = "reactor.netty.send.maxPrefetchSize";

    private final Duration headTimeout;

    ServerLimits(Duration headTimeout) {
        this.headTimeout = headTimeout;
        if (System.getProperty(PIECES_AHEAD) == null) {
            System.setProperty(PIECES_AHEAD, "2");
        }
    }

    @Override
    public HttpServer apply(HttpServer server) {
        return server.maxPipelineDepth(PIPELINE)
                .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNSENT)
                .doOnChannelInit((observer, channel, address) -> {
                    HeadTimeout.addTo(channel.pipeline(), headTimeout);
                    EventFrames.addTo(channel.pipeline());
                });
    }
}
