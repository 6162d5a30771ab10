package org.whylm.lm;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/**
 * The address of a model hub that serves files at {@code /{repository}/resolve/{revision}/{file}}, as Hugging Face's does.
 *
 * @param base HTTPS, or plain HTTP on the loopback interface; without a slash at its end
 */
record HubAddress(URI base) {

    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    HubAddress {
        requireSafe(base, "the hub's address (WHYLM_HUB)");
        if (base.getRawQuery() != null || base.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "The hub's address (WHYLM_HUB) is " + base + ": give it without '?' and '#'");
        }
    }

    static HubAddress of(String address) {
        try {
            return new HubAddress(new URI(address.replaceAll("/+$", "")));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("The hub's address (WHYLM_HUB) is no address: " + e.getMessage(), e);
        }
    }

    URI file(String repository, String revision, String path) {
        return URI.create(base + "/" + repository + "/resolve/" + revision + "/" + path);
    }

    /**
     * Where a redirect leads, if it may be followed: nothing that began encrypted goes on in the clear.
     *
     * @throws IOException if it may not
     */
    static URI redirect(URI from, String location) throws IOException {
        try {
            var to = from.resolve(new URI(location));
            requireSafe(to, "a redirect of " + from);
            if (from.getScheme().equalsIgnoreCase("https") && !to.getScheme().equalsIgnoreCase("https")) {
                throw new IOException("a redirect of " + from + " leads from HTTPS to plain HTTP: " + to);
            }
            return to;
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static void requireSafe(URI address, String what) {
        if (address.getHost() == null || address.getScheme() == null || address.getRawUserInfo() != null) {
            throw new IllegalArgumentException(what + " is '" + address + "', expected https://host/…");
        }
        boolean https = address.getScheme().equalsIgnoreCase("https");
        boolean http = address.getScheme().equalsIgnoreCase("http");
        if (!https && !(http && LOOPBACK.matcher(address.getHost()).matches())) {
            throw new IllegalArgumentException(
                    what + " is '" + address + "': only HTTPS is allowed, and plain HTTP on the loopback interface");
        }
    }
}
