// Java's own SASL/GSSAPI classes, those that brokers and Java clients use, with just enough of Kafka's protocol around them.
//   java Gssapi.java server KEYTAB SERVICE/HOST@REALM ALLOWED   listens, writes "listening PORT", then "in NAME" or "refused REASON" for each client
//   java Gssapi.java client HOST PORT SERVICE USER VERSION      authenticates with the password in MILENA_PASSWORD and asks for metadata; writes "in BROKERS"
// VERSION is that of the handshake: after 0 the tokens come bare, after 1 in SaslAuthenticate.

import java.io.*;
import java.net.*;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.PrivilegedExceptionAction;
import java.util.*;
import javax.security.auth.Subject;
import javax.security.auth.callback.*;
import javax.security.auth.login.*;
import javax.security.sasl.*;

public final class Gssapi {
    private static final short METADATA = 3;
    private static final short SASL_HANDSHAKE = 17;
    private static final short API_VERSIONS = 18;
    private static final short SASL_AUTHENTICATE = 36;
    private static final short UNSUPPORTED_VERSION = 35;
    private static final short SASL_AUTHENTICATION_FAILED = 58;

    public static void main(String[] args) throws Exception {
        if (args[0].equals("server")) {
            listen(args[1], args[2], args[3]);
        } else {
            connect(args[1], Integer.parseInt(args[2]), args[3], args[4], Short.parseShort(args[5]));
        }
    }

    private static void listen(String keytab, String principal, String allowed) throws Exception {
        Subject subject = login(Map.of("useKeyTab", "true", "storeKey", "true", "keyTab", keytab, "principal", principal, "isInitiator", "false"), null);
        try (ServerSocket listener = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
            System.out.println("listening " + listener.getLocalPort());
            while (true) {
                try (Socket socket = listener.accept()) {
                    serve(socket, subject, principal, allowed);
                } catch (EOFException | SocketException e) {
                    System.out.println("gone");
                }
            }
        }
    }

    private static void serve(Socket socket, Subject subject, String principal, String allowed) throws Exception {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        SaslServer sasl = as(subject, () -> createServer(principal, allowed));
        while (true) {
            ByteBuffer request = ByteBuffer.wrap(read(in));
            short key = request.getShort();
            short version = request.getShort();
            int correlationId = request.getInt();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream answer = new DataOutputStream(bytes);
            answer.writeInt(correlationId);
            if (key == API_VERSIONS) {
                // Version 0 alone: its answer is understood by all.
                answerVersions(answer, version == 0 ? 0 : UNSUPPORTED_VERSION);
            } else {
                request.position(request.position() + 2 + Math.max(0, request.getShort(request.position())));
                if (key == SASL_HANDSHAKE) {
                    answer.writeShort(0);
                    answer.writeInt(1);
                    writeString(answer, "GSSAPI");
                } else {
                    byte[] token = new byte[request.getInt()];
                    request.get(token);
                    evaluate(subject, sasl, token, answer);
                }
            }

            write(socket, bytes.toByteArray());
        }
    }

    private static void answerVersions(DataOutputStream answer, int error) throws IOException {
        short[][] apis = {{API_VERSIONS, 0, 0}, {SASL_HANDSHAKE, 1, 1}, {SASL_AUTHENTICATE, 0, 1}};
        answer.writeShort(error);
        answer.writeInt(apis.length);
        for (short[] api : apis) {
            for (short number : api) {
                answer.writeShort(number);
            }
        }
    }

    private static void evaluate(Subject subject, SaslServer sasl, byte[] token, DataOutputStream answer) throws Exception {
        byte[] challenge = {};
        String refusal = null;
        try {
            challenge = as(subject, () -> sasl.evaluateResponse(token));
            if (sasl.isComplete()) {
                System.out.println("in " + sasl.getAuthorizationID());
            }
        } catch (SaslException e) {
            refusal = e.getMessage() + (e.getCause() == null ? "" : ": " + e.getCause().getMessage());
            System.out.println("refused " + refusal);
        }

        answer.writeShort(refusal == null ? 0 : SASL_AUTHENTICATION_FAILED);
        if (refusal == null) {
            answer.writeShort(-1);
        } else {
            writeString(answer, refusal);
        }

        challenge = challenge == null ? new byte[0] : challenge;
        answer.writeInt(challenge.length);
        answer.write(challenge);
        answer.writeLong(0);
    }

    private static SaslServer createServer(String principal, String allowed) throws SaslException {
        String[] names = principal.split("[/@]");
        return Sasl.createSaslServer("GSSAPI", names[0], names[1], Map.of(), callbacks -> {
            for (Callback callback : callbacks) {
                AuthorizeCallback asked = (AuthorizeCallback) callback;
                asked.setAuthorized(asked.getAuthenticationID().equals(allowed) && asked.getAuthorizationID().equals(allowed));
            }
        });
    }

    private static void connect(String host, int port, String service, String user, short handshake) throws Exception {
        Subject subject = login(Map.of("principal", user, "useTicketCache", "false"), callbacks -> {
            for (Callback callback : callbacks) {
                if (callback instanceof PasswordCallback) {
                    ((PasswordCallback) callback).setPassword(System.getenv("MILENA_PASSWORD").toCharArray());
                } else {
                    ((NameCallback) callback).setName(user);
                }
            }
        });
        SaslClient sasl = as(subject, () -> Sasl.createSaslClient(new String[] {"GSSAPI"}, null, service, host, Map.of(), null));
        try (Socket socket = new Socket(host, port)) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            ByteArrayOutputStream mechanism = new ByteArrayOutputStream();
            writeString(new DataOutputStream(mechanism), "GSSAPI");
            expect(ask(socket, in, SASL_HANDSHAKE, handshake, mechanism.toByteArray()).getShort(), "the handshake");
            byte[] token = as(subject, () -> sasl.evaluateChallenge(new byte[0]));
            while (token != null) {
                byte[] challenge = exchange(socket, in, handshake, token);
                token = sasl.isComplete() ? null : as(subject, () -> sasl.evaluateChallenge(challenge));
            }

            System.out.println("in " + ask(socket, in, METADATA, (short) 1, new byte[] {-1, -1, -1, -1}).getInt());
        }
    }

    private static byte[] exchange(Socket socket, DataInputStream in, short handshake, byte[] token) throws IOException {
        if (handshake == 0) {
            write(socket, token);
            return read(in);
        }

        ByteBuffer answer = ask(socket, in, SASL_AUTHENTICATE, (short) 0, ByteBuffer.allocate(4 + token.length).putInt(token.length).put(token).array());
        expect(answer.getShort(), "the token");
        answer.position(answer.position() + 2 + Math.max(0, answer.getShort(answer.position())));
        byte[] challenge = new byte[answer.getInt()];
        answer.get(challenge);
        return challenge;
    }

    private static ByteBuffer ask(Socket socket, DataInputStream in, short key, short version, byte[] body) throws IOException {
        ByteBuffer request = ByteBuffer.allocate(14 + body.length);
        write(socket, request.putShort(key).putShort(version).putInt(7).putShort((short) 4).put("java".getBytes(StandardCharsets.UTF_8)).put(body).array());
        ByteBuffer answer = ByteBuffer.wrap(read(in));
        answer.getInt();
        return answer;
    }

    private static void expect(short error, String of) throws IOException {
        if (error != 0) {
            throw new IOException(of + " was refused with error " + error);
        }
    }

    private static Subject login(Map<String, String> options, CallbackHandler handler) throws LoginException {
        Configuration configuration = new Configuration() {
            @Override
            public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
                return new AppConfigurationEntry[] {
                    new AppConfigurationEntry("com.sun.security.auth.module.Krb5LoginModule", AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, options),
                };
            }
        };
        LoginContext context = new LoginContext("gssapi", null, handler, configuration);
        context.login();
        return context.getSubject();
    }

    @SuppressWarnings("removal") // Its successor is younger than Java 17.
    private static <T> T as(Subject subject, PrivilegedExceptionAction<T> action) throws SaslException {
        try {
            return Subject.doAs(subject, action);
        } catch (java.security.PrivilegedActionException e) {
            throw e.getCause() instanceof SaslException ? (SaslException) e.getCause() : new SaslException(e.getMessage(), e);
        }
    }

    private static byte[] read(DataInputStream in) throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return frame;
    }

    private static void write(Socket socket, byte[] frame) throws IOException {
        socket.getOutputStream().write(ByteBuffer.allocate(4 + frame.length).putInt(frame.length).put(frame).array());
    }

    private static void writeString(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(bytes.length);
        out.write(bytes);
    }
}
