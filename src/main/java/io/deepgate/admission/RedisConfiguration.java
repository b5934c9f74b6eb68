package io.deepgate.admission;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.NettyCustomizer;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.time.Duration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.LettuceClientOptionsBuilderCustomizer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.resources.LoopResources;

/** Limits in Redis; the connection is Spring Boot's {@code spring.data.redis}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "gateway.admission.store", havingValue = "redis")
@Import(DataRedisAutoConfiguration.class)
class RedisConfiguration {

    private static final Duration RECONNECT = Duration.ofMillis(500);
    private static final int MOST_TOGETHER = 256;

    /**
     * Nothing is sent later or twice: what could not be sent now was decided here. Answers are waited for however late, so
     * that what was taken late is given back.
     */
    @Bean
    LettuceClientOptionsBuilderCustomizer nothingLaterOrTwice() {
        return RedisConfiguration::configure;
    }

    static void configure(ClientOptions.Builder options) {
        options.disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .replayFilter(command -> true)
                .timeoutOptions(TimeoutOptions.create());
    }

    @Bean
    ClientResourcesBuilderCustomizer reconnectsSoonAndWritesTogether(ReactorResourceFactory reactor) {
        return resources -> configure(resources, RECONNECT, reactor.getLoopResources());
    }

    /** What is said on an event loop in one turn is sent at once. */
    static void configure(ClientResources.Builder resources, Duration reconnect, LoopResources loops) {
        resources.eventLoopGroupProvider(new SharedLoops(loops));
        resources.reconnectDelay(Delay.constant(reconnect)).nettyCustomizer(new NettyCustomizer() {
            @Override
            public void afterChannelInitialized(Channel channel) {
                channel.pipeline().addFirst(new FlushConsolidationHandler(MOST_TOGETHER, true));
            }
        });
    }

    @Bean(destroyMethod = "close")
    RedisStore redisStore(LettuceConnectionFactory connections) {
        return new RedisStore(connections::getRequiredNativeClient, SharedLoops.COUNT);
    }

    @Bean
    RedisCalls redisCalls(RedisStore store, AdmissionProperties properties) {
        return new RedisCalls(store, properties.redis().lease().toMillis());
    }

    @Bean
    RedisState redisState(AdmissionProperties properties, MeterRegistry registry) {
        return new RedisState(properties.redis().unavailable(), registry);
    }

    @Bean(destroyMethod = "close")
    Replica replica(RedisStore store, RedisCalls redis, RedisState state, AdmissionProperties properties) {
        return new Replica(store, redis, state, properties.redis().lease().toMillis());
    }

    /** The connection's factory ends before beans are destroyed, and is not to be missed. */
    @Bean
    ApplicationListener<ContextClosedEvent> redisIsAskedNoMore(Replica replica) {
        return closed -> replica.close();
    }

    @Bean
    RedisLimiter limiter(
            TenantLimiters tenants,
            RedisCalls redis,
            RedisState state,
            Replica replica,
            AdmissionProperties properties) {
        return new RedisLimiter(tenants, redis, state, replica, properties.redis());
    }
}
