package bench;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class PassingGateway {
    public static void main(String[] args) {
        SpringApplication.run(PassingGateway.class, args);
    }
}
