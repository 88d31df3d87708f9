using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Security;

/// <summary>Under failure, nothing that a person may see holds a secret.</summary>
[CancelAfter(60_000)]
public class SecretsTests
{
    private const string Secret = "TopSecret-9f8e7d";

    [Test]
    public async Task No_secret_is_in_logs_exceptions_traces_metrics_or_dumps(
        [Values("PLAIN", "SCRAM-SHA-512", "OAUTHBEARER", "OIDC", "assertion", "AWS_MSK_IAM", "TLS", "TLS key", "JAAS", "own")] string kind, CancellationToken cancellationToken)
    {
        TestSaslOptions sasl = SecureCluster.Sasl("PLAIN", "SCRAM-SHA-512", "OAUTHBEARER");
        sasl.TokenValidator = (token, _) => new(TestTokenVerdict.Refuse($"refused {token}"));
        await using TestCluster cluster = await SecureCluster.StartAsync(new TestSecurityOptions { Sasl = sasl }, cancellationToken);
        await using var server = new TokenServer { Answer = _ => (400, $"bad secret {Secret}") };
        using var files = new TemporaryFolder();
        using var log = new RecordingLoggerFactory();
        var seen = new List<string>();
        using ActivityListener traces = ListenToTraces(seen);
        using MeterListener metrics = ListenToMetrics(seen);
        try
        {
            SecurityOptions security = Security(kind, server, files);
            await using KafkaClient kafka = SecureCluster.Client(cluster, security, options =>
            {
                options.LoggerFactory = log;
                options.ApiTimeout = TimeSpan.FromSeconds(5);
                Dump(options, seen, []);
            });
            await using Producer<string, string> producer = kafka.CreateProducer<string, string>(new ProducerOptions { DeliveryTimeout = TimeSpan.FromSeconds(5) });
            Add(seen, (await Assert.CatchAsync(async () => await producer.ProduceAsync("t", "k", "v", cancellationToken)))!.ToString());
            Add(seen, $"{kafka} {producer}");
            await kafka.CreateAdmin().CreateTopicAsync(new Milena.Kafka.NewTopic("t"), cancellationToken);
            Assert.Fail("It should not have been let in.");
        }
        catch (Exception failure) when (failure is KafkaException or ArgumentException)
        {
            Add(seen, failure.ToString());
        }

        metrics.RecordObservableInstruments();
        Array.ForEach(log.Events, logged => Add(seen, logged.ToString()));
        string all;
        lock (seen)
        {
            all = string.Join('\n', seen);
        }

        Assert.That(all, Does.Not.Contain(Secret));
        Assert.That(all, Does.Not.Contain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Secret))));
    }

    private static SecurityOptions Security(string kind, TokenServer server, TemporaryFolder files) => kind switch
    {
        "PLAIN" => SecureCluster.Sasl(new SaslPlain("alice", Secret)),
        "SCRAM-SHA-512" => SecureCluster.Sasl(SaslScram.Sha512("alice", Secret)),
        "OAUTHBEARER" => SecureCluster.Sasl(new SaslOAuthBearer(_ => new(new OAuthToken(Secret)))),
        "OIDC" => SecureCluster.Sasl(new SaslOAuthBearer(new OAuthTokenEndpoint(new OAuthTokenOptions { TokenEndpoint = server.Address, ClientId = "me", ClientSecret = Secret }))),
        "AWS_MSK_IAM" => SecureCluster.Sasl(new SaslAwsMskIam("eu-west-1", _ => new(new AwsCredentials("id", Secret, Secret)))),
        "assertion" => SecureCluster.Sasl(new SaslOAuthBearer(new OAuthTokenEndpoint(new OAuthTokenOptions { TokenEndpoint = server.Address, Assertion = _ => new(Secret) }))),
        "own" => SecureCluster.Sasl(new SaslPlain(_ => new(new SaslCredential("alice", Secret)))),
        "TLS key" => new SecurityOptions { Protocol = SecurityProtocol.Ssl, Tls = { CertificatePem = $"-----BEGIN CERTIFICATE-----\n{Secret}", KeyPem = $"-----BEGIN PRIVATE KEY-----\n{Secret}", KeyPassword = Secret, AuthorityPassword = Secret } },
        "TLS" => new SecurityOptions { Protocol = SecurityProtocol.Ssl, Tls = { CertificateFile = files.Write("c.p12", "no store"u8.ToArray()), KeyPassword = Secret } },
        _ => SecurityOptions.FromProperties(new Dictionary<string, string>
        {
            ["security.protocol"] = "SASL_PLAINTEXT",
            ["sasl.mechanism"] = "PLAIN",
            ["sasl.jaas.config"] = $"PlainLoginModule required username=alice password=\"{Secret}\" = broken;",
        }),
    };

    // What a serializer or a configuration dump sees: public properties, all the way down; and ToString.
    private static void Dump(object? value, List<string> seen, HashSet<object> known)
    {
        Add(seen, $"{value}");
        if (value is null || value.GetType().Namespace?.StartsWith("Milena", StringComparison.Ordinal) != true || value is Enum || !known.Add(value))
        {
            return;
        }

        foreach (PropertyInfo property in value.GetType().GetProperties().Where(property => property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0))
        {
            // What the caller himself gave in the open, such as the certificate's PEM, is no secret; keys and passwords cannot be read.
            Dump(property.Name == nameof(TlsOptions.CertificatePem) ? null : property.GetValue(value), seen, known);
        }
    }

    private static ActivityListener ListenToTraces(List<string> seen)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == KafkaDiagnostics.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => Add(seen, $"{activity.DisplayName} {activity.StatusDescription} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(one => one.Tags))}"),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static MeterListener ListenToMetrics(List<string> seen)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == KafkaDiagnostics.MeterName)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Add(seen, $"{instrument.Name} {string.Join(' ', tags.ToArray())}"));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(seen, $"{instrument.Name} {string.Join(' ', tags.ToArray())}"));
        listener.Start();
        return listener;
    }

    private static void Add(List<string> seen, string text)
    {
        lock (seen)
        {
            seen.Add(text);
        }
    }
}
