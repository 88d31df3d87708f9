using Milena.Kafka.Protocol;
using Milena.Kafka.Testing.Telemetry;

namespace Milena.Kafka.Testing.Tests.Telemetry;

/// <summary>When a client may ask for subscriptions and push metrics.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class ClientInstanceTests
{
    private const int MaxBytes = 100;

    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ClientInstance _instance = new(new MetricsDemand(["*"], Interval, 7));

    [Test]
    public void A_client_asks_and_pushes_once_in_an_interval()
    {
        Assert.That(_instance.Ask(Start), Is.EqualTo(ErrorCode.None));
        Assert.That(_instance.Ask(Start + (Interval / 2)), Is.EqualTo(ErrorCode.ThrottlingQuotaExceeded));
        Assert.That(Push(Start + (Interval / 2)), Is.EqualTo(ErrorCode.None), "the first push may come at any time");
        Assert.That(Push(Start + Interval), Is.EqualTo(ErrorCode.ThrottlingQuotaExceeded));
        Assert.That(Push(Start + (1.5 * Interval)), Is.EqualTo(ErrorCode.None));
        Assert.That(_instance.Ask(Start + (2 * Interval)), Is.EqualTo(ErrorCode.ThrottlingQuotaExceeded));
        Assert.That(_instance.Ask(Start + (2.5 * Interval)), Is.EqualTo(ErrorCode.None));
    }

    [Test]
    public void Who_pushes_for_a_subscription_that_is_no_more_may_ask_at_once()
    {
        _instance.Ask(Start);

        Assert.That(Push(Start, subscription: 8), Is.EqualTo(ErrorCode.UnknownSubscriptionId));
        Assert.That(_instance.Ask(Start), Is.EqualTo(ErrorCode.None));
        Assert.That(_instance.Ask(Start), Is.EqualTo(ErrorCode.ThrottlingQuotaExceeded));
    }

    [TestCase(MaxBytes, CompressionType.Zstd, ErrorCode.None)]
    [TestCase(MaxBytes + 1, CompressionType.Zstd, ErrorCode.TelemetryTooLarge)]
    [TestCase(1, (CompressionType)5, ErrorCode.UnsupportedCompressionType)]
    [TestCase(1, (CompressionType)(-1), ErrorCode.UnsupportedCompressionType)]
    public void A_push_is_looked_at(int size, CompressionType compression, ErrorCode expected)
    {
        _instance.Ask(Start);

        Assert.That(_instance.Push(new MetricsPush(7, compression, size, IsTerminating: false), Start, MaxBytes), Is.EqualTo(expected));
    }

    [Test]
    public void The_last_push_need_not_wait_and_is_the_last()
    {
        _instance.Ask(Start);
        Push(Start);

        Assert.That(Push(Start, isTerminating: true), Is.EqualTo(ErrorCode.None));
        Assert.That(Push(Start + (2 * Interval)), Is.EqualTo(ErrorCode.InvalidRequest));
    }

    private ErrorCode Push(DateTimeOffset now, int subscription = 7, bool isTerminating = false) =>
        _instance.Push(new MetricsPush(subscription, CompressionType.None, 1, isTerminating), now, MaxBytes);
}
