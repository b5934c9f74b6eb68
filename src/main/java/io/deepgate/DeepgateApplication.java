package io.deepgate;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the gateway, or one of the operator's commands. */
@SpringBootApplication
public class DeepgateApplication {

    public static void main(String[] args) {
        SpringApplication.run(DeepgateApplication.class, args);
    }
}
