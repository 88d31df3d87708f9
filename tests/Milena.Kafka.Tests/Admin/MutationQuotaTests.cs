using Milena.Kafka.Protocol;
using Milena.Kafka.Testing;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Admin;

/// <summary>An administrator whose quota of partitions is used up (KIP-599). The brokers' clock stands still, so that a debt is paid when the test says so.</summary>
public class MutationQuotaTests : AdminTest
{
    private const int Rate = 100;

    // More than eleven seconds' worth, so that something is owed.
    private const int TooMany = (11 * Rate) + 1;

    private static readonly TimeSpan Debt = TimeSpan.FromMilliseconds(10);

    private static readonly AdminChangeOptions AtOnce = new() { RetryOnQuotaViolation = false };

    private readonly ManualTimeProvider _time = new();

    protected override int Brokers => 1;

    protected override void Configure(TestClusterOptions options) => options.TimeProvider = _time;

    [SetUp]
    public async Task LimitAsync()
    {
        var quota = new ClientQuotaAlteration(ClientQuotaEntity.User("ANONYMOUS"), new Dictionary<string, double?> { [ClientQuotaKeys.ControllerMutationRate] = Rate });
        (await Admin.AlterClientQuotasAsync([quota], cancellationToken: Bound)).ThrowIfAnyFailed();
    }

    [Test]
    public async Task What_is_refused_is_asked_for_again_when_the_debt_is_paid()
    {
        Task silence = _time.WhenNextSetAsync(Debt);
        Task<AdminResults<string, CreatedTopic>> creating = Admin.CreateTopicsAsync([Topic("wide", TooMany), Topic("late", 1)], cancellationToken: Bound);
        await silence.WaitAsync(Bound);
        string[] before = [.. Cluster.Topics];
        _time.Advance(Debt);
        AdminResults<string, CreatedTopic> created = await creating;

        Assert.That(before, Is.EqualTo(new[] { "wide" }));
        Assert.That((created["wide"].Partitions, created["late"].Partitions), Is.EqualTo((TooMany, 1)));
        Assert.That(Cluster.ReceivedCount(ApiKey.CreateTopics), Is.EqualTo(2));
    }

    [Test]
    public async Task Who_does_not_want_to_wait_is_told_at_once()
    {
        AdminResults<string, CreatedTopic> created = await Admin.CreateTopicsAsync([Topic("wide", TooMany), Topic("late", 1)], AtOnce, Bound);

        Assert.That(created["wide"].Partitions, Is.EqualTo(TooMany));
        Assert.That(CodeOf(created, "late"), Is.EqualTo(ErrorCode.ThrottlingQuotaExceeded));
        Assert.That(Cluster.ReceivedCount(ApiKey.CreateTopics), Is.EqualTo(1));
    }

    [Test]
    public async Task So_is_who_adds_partitions_or_deletes()
    {
        Guid[] ids = [Cluster.CreateTopic("a"), Cluster.CreateTopic("b"), Cluster.CreateTopic("c", TooMany), Cluster.CreateTopic("d")];

        // The broker is silent on the connection until the debt is paid, and begins that after its answer.
        Task silence = _time.WhenNextSetAsync(Debt);
        AdminOutcome<string> more = await Admin.CreatePartitionsAsync(
            new Dictionary<string, NewPartitions> { ["a"] = new(TooMany + 1), ["b"] = new(2) }, AtOnce, Bound);
        await silence.WaitAsync(Bound);
        _time.Advance(TimeSpan.FromMinutes(1));
        silence = _time.WhenNextSetAsync(2 * Debt);
        AdminOutcome<string> byName = await Admin.DeleteTopicsAsync(["a", "b"], AtOnce, Bound);
        await silence.WaitAsync(Bound);
        _time.Advance(TimeSpan.FromMinutes(1));
        AdminOutcome<Guid> byId = await Admin.DeleteTopicsAsync([ids[2], ids[3]], AtOnce, Bound);

        Assert.That((more.Succeeded.Single(), CodeOf(more, "b")), Is.EqualTo(("a", ErrorCode.ThrottlingQuotaExceeded)));
        Assert.That((byName.Succeeded.Single(), CodeOf(byName, "b")), Is.EqualTo(("a", ErrorCode.ThrottlingQuotaExceeded)));
        Assert.That((byId.Succeeded.Single(), CodeOf(byId, ids[3])), Is.EqualTo((ids[2], ErrorCode.ThrottlingQuotaExceeded)));
        Assert.That(Cluster.Topics, Is.EqualTo(new[] { "b", "d" }));
    }

    private static NewTopic Topic(string name, int partitions) => new(name) { Partitions = partitions, ReplicationFactor = 1 };
}
