package io.deepgate.watch;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/** Where the gateway listens: what no process can, and what would leave operators outside. */
final class Ports {

    private static final String TENANTS = "server";
    private static final String OPERATORS = "management.server";
    static final int LAST = 65535;
    private static final int NONE = -1;

    private Ports() {}

    /** A sentence about each property that is wrong. */
    static List<String> mistakes(Environment environment) {
        List<String> all = new ArrayList<>();
        for (String server : List.of(TENANTS, OPERATORS)) {
            Integer port = port(server, environment);
            if (port != null) {
                check(server + ".port", port, server.equals(OPERATORS) ? NONE : 0, all);
            }
            InetAddress address = environment.getProperty(server + ".address", InetAddress.class);
            if (address != null && !isOfThisMachine(address)) {
                all.add(server + ".address is " + address.getHostAddress()
                        + ", which this machine does not have: write one that it has, or leave it out");
            }
        }
        Integer operators = port(OPERATORS, environment);
        if (operators != null && operators > 0 && operators.equals(port(TENANTS, environment))) {
            all.add(OPERATORS + ".port is " + operators + ", and so is " + TENANTS
                    + ".port, where there are neither probes nor metrics nor the console: write another");
        }
        return all;
    }

    /** Adds a sentence about {@code property} to {@code all} if its port is below {@code first}, or no port. */
    static void check(String property, int port, int first, List<String> all) {
        if (port < first || port > LAST) {
            all.add(property + " is " + port + ": write 1 to " + LAST);
        }
    }

    private static @Nullable Integer port(String server, Environment environment) {
        return environment.getProperty(server + ".port", Integer.class);
    }

    private static boolean isOfThisMachine(InetAddress address) {
        try {
            return address.isAnyLocalAddress()
                    || address.isLoopbackAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return true;
        }
    }
}
