using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Security;

/// <summary>Lets a client fail, and collects all that a person may see of it: logs, exceptions, traces, metrics, dumps of options.</summary>
internal sealed class SecretsSweep : IDisposable
{
    private readonly List<string> _seen = [];
    private readonly RecordingLoggerFactory _log = new();
    private readonly ActivityListener _traces;
    private readonly MeterListener _metrics;

    private SecretsSweep()
    {
        _traces = ListenToTraces();
        _metrics = ListenToMetrics();
    }

    /// <summary>What can be seen of a client with these options, none of whose operations succeeds within a time.</summary>
    public static async Task<string> RunAsync(TestCluster cluster, Func<SecurityOptions> security, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var sweep = new SecretsSweep();
        await sweep.FailAsync(cluster, security, patience, cancellationToken);
        return sweep.All();
    }

    /// <summary>What a serializer or a configuration dump sees of objects: public properties, all the way down; and ToString.</summary>
    public static string Dump(params object[] values)
    {
        using var sweep = new SecretsSweep();
        Array.ForEach(values, value => sweep.Dump(value, []));
        return sweep.All();
    }

    /// <summary>Fails if a secret is in a text, as it is, in Base64, or in hexadecimal.</summary>
    public static void AssertNone(string text, string secret)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(secret);
        Assert.That(text, Does.Not.Contain(secret).And.Not.Contains(Convert.ToBase64String(bytes)).And.Not.Contains(Convert.ToHexString(bytes)).And.Not.Contains(Convert.ToHexStringLower(bytes)));
    }

    public void Dispose()
    {
        _traces.Dispose();
        _metrics.Dispose();
        _log.Dispose();
    }

    private async Task FailAsync(TestCluster cluster, Func<SecurityOptions> security, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await using KafkaClient kafka = SecureCluster.Client(cluster, security(), options =>
            {
                options.LoggerFactory = _log;
                options.ApiTimeout = options.RequestTimeout = options.ConnectionSetupTimeout = patience;
                Dump(options, []);
            });
            await using Producer<string, string> producer = kafka.CreateProducer<string, string>(new ProducerOptions { DeliveryTimeout = patience, MaxBlock = patience });
            Add((await Assert.CatchAsync(async () => await producer.ProduceAsync("t", "k", "v", cancellationToken)))!.ToString());
            Add($"{kafka} {producer}");
            await kafka.CreateAdmin().CreateTopicAsync(new Milena.Kafka.NewTopic("t"), cancellationToken);
            Assert.Fail("It should not have been let in.");
        }
        catch (Exception failure) when (failure is KafkaException or ArgumentException or TimeoutException)
        {
            Add(failure.ToString());
        }
    }

    private string All()
    {
        _metrics.RecordObservableInstruments();
        Array.ForEach(_log.Events, logged => Add(logged.ToString()));
        lock (_seen)
        {
            return string.Join('\n', _seen);
        }
    }

    private void Dump(object? value, HashSet<object> known)
    {
        Add($"{value}");
        if (value is null || value.GetType().Namespace?.StartsWith("Milena", StringComparison.Ordinal) != true || value is Enum || !known.Add(value))
        {
            return;
        }

        foreach (PropertyInfo property in value.GetType().GetProperties().Where(property => property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0))
        {
            // What the caller himself gave in the open, such as the certificate's PEM, is no secret; keys and passwords cannot be read.
            Dump(property.Name == nameof(TlsOptions.CertificatePem) ? null : property.GetValue(value), known);
        }
    }

    private ActivityListener ListenToTraces()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == KafkaDiagnostics.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => Add($"{activity.DisplayName} {activity.StatusDescription} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(one => one.Tags))}"),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private MeterListener ListenToMetrics()
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
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Add($"{instrument.Name} {string.Join(' ', tags.ToArray())}"));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add($"{instrument.Name} {string.Join(' ', tags.ToArray())}"));
        listener.Start();
        return listener;
    }

    private void Add(string text)
    {
        lock (_seen)
        {
            _seen.Add(text);
        }
    }
}
