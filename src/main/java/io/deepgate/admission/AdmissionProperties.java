package io.deepgate.admission;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How calls are let in.
 *
 * @param completionClaim the most completion tokens claimed before a call, whatever {@code max_tokens} it asks for; the
 *     call is settled with what it really used. 1 to 1,000,000
 */
@ConfigurationProperties("gateway.admission")
public record AdmissionProperties(@DefaultValue("2048") int completionClaim) {

    public AdmissionProperties {
        if (completionClaim < 1 || completionClaim > 1_000_000) {
            throw new IllegalArgumentException(
                    "gateway.admission.completion-claim is " + completionClaim + ": write 1 to 1000000");
        }
    }
}
