using System.Reflection;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Tests.Consumer;

/// <summary>Every option of a consumer is validated and copied; that each is documented is seen to beside the options of the client.</summary>
public class ConsumerOptionsTests
{
    /// <summary>Any value of these is right.</summary>
    private static readonly string[] Free = [nameof(ConsumerOptions.CheckCrcs), nameof(ConsumerOptions.RebalanceListener)];

    private static readonly TimeSpan TooLong = TimeSpan.FromDays(25);

    private static readonly (string Option, Action<ConsumerOptions> Spoil)[] Faults =
    [
        (nameof(ConsumerOptions.GroupId), o => o.GroupId = ""),
        (nameof(ConsumerOptions.GroupId), o => o.GroupId = null),
        (nameof(ConsumerOptions.GroupInstanceId), o => o.GroupInstanceId = ""),
        (nameof(ConsumerOptions.GroupInstanceId), o => (o.GroupInstanceId, o.GroupId) = ("a", null)),
        (nameof(ConsumerOptions.Topics), o => o.Topics.Add("")),
        (nameof(ConsumerOptions.Topics), o => o.Topics.Add(null!)),
        (nameof(ConsumerOptions.TopicPattern), o => (o.TopicPattern, o.RemoteTopicPattern) = (new("a"), "a")),
        (nameof(ConsumerOptions.RemoteTopicPattern), o => o.RemoteTopicPattern = ""),
        (nameof(ConsumerOptions.RemoteTopicPattern), o => (o.RemoteTopicPattern, o.GroupProtocol) = ("a", GroupProtocol.Classic)),
        (nameof(ConsumerOptions.GroupProtocol), o => o.GroupProtocol = (GroupProtocol)9),
        (nameof(ConsumerOptions.GroupRemoteAssignor), o => o.GroupRemoteAssignor = ""),
        (nameof(ConsumerOptions.GroupRemoteAssignor), o => (o.GroupRemoteAssignor, o.GroupProtocol) = ("range", GroupProtocol.Classic)),
        (nameof(ConsumerOptions.SessionTimeout), o => o.SessionTimeout = TimeSpan.Zero),
        (nameof(ConsumerOptions.SessionTimeout), o => o.SessionTimeout = TooLong),
        (nameof(ConsumerOptions.SessionTimeout), o => (o.SessionTimeout, o.GroupProtocol) = (TimeSpan.FromSeconds(10), GroupProtocol.Consumer)),
        (nameof(ConsumerOptions.HeartbeatInterval), o => o.HeartbeatInterval = TimeSpan.Zero),
        (nameof(ConsumerOptions.HeartbeatInterval), o => o.HeartbeatInterval = o.SessionTimeout),
        (nameof(ConsumerOptions.HeartbeatInterval), o => (o.HeartbeatInterval, o.GroupProtocol) = (TimeSpan.FromSeconds(1), GroupProtocol.Consumer)),
        (nameof(ConsumerOptions.MaxPollInterval), o => o.MaxPollInterval = TimeSpan.Zero),
        (nameof(ConsumerOptions.MaxPollInterval), o => o.MaxPollInterval = TooLong),
        (nameof(ConsumerOptions.RebalanceTimeout), o => o.RebalanceTimeout = TimeSpan.Zero),
        (nameof(ConsumerOptions.RebalanceTimeout), o => o.RebalanceTimeout = TooLong),
        (nameof(ConsumerOptions.Assignors), o => o.Assignors.Clear()),
        (nameof(ConsumerOptions.Assignors), o => o.Assignors.Add(PartitionAssignors.Range)),
        (nameof(ConsumerOptions.Assignors), o => o.Assignors.Add(null!)),
        (nameof(ConsumerOptions.Assignors), o => (o.Assignors[0], o.GroupProtocol) = (PartitionAssignors.Sticky, GroupProtocol.Consumer)),
        (nameof(ConsumerOptions.AutoCommit), o => o.AutoCommit = (AutoCommitMode)9),
        (nameof(ConsumerOptions.AutoCommitInterval), o => o.AutoCommitInterval = TimeSpan.Zero),
        (nameof(ConsumerOptions.AutoOffsetReset), o => o.AutoOffsetReset = StartPosition.Committed),
        (nameof(ConsumerOptions.CloseTimeout), o => o.CloseTimeout = TimeSpan.Zero),
        (nameof(ConsumerOptions.OutOfRange), o => o.OutOfRange = StartPosition.At(1)),
        (nameof(ConsumerOptions.OutOfRange), o => o.OutOfRange = StartPosition.Committed),
        (nameof(ConsumerOptions.PoisonRecords), o => o.PoisonRecords = null!),
        (nameof(ConsumerOptions.IsolationLevel), o => o.IsolationLevel = (IsolationLevel)9),
        (nameof(ConsumerOptions.FetchMaxWait), o => o.FetchMaxWait = TimeSpan.FromSeconds(-1)),
        (nameof(ConsumerOptions.FetchMaxWait), o => o.FetchMaxWait = TooLong),
        (nameof(ConsumerOptions.FetchMinBytes), o => o.FetchMinBytes = -1),
        (nameof(ConsumerOptions.FetchMaxBytes), o => o.FetchMaxBytes = 0),
        (nameof(ConsumerOptions.MaxPartitionFetchBytes), o => o.MaxPartitionFetchBytes = 0),
        (nameof(ConsumerOptions.StatusInterval), o => o.StatusInterval = TimeSpan.Zero),
        (nameof(ConsumerOptions.QueuedMaxBytes), o => o.QueuedMaxBytes = 0),
        (nameof(ConsumerOptions.RackId), o => o.RackId = null!),
    ];

    [Test]
    public void Every_option_is_validated_and_its_fault_names_it()
    {
        foreach ((string option, Action<ConsumerOptions> spoil) in Faults)
        {
            ConsumerOptions options = Good();
            spoil(options);
            Assert.That(options.Validate, Throws.ArgumentException.With.Message.StartsWith("ConsumerOptions: ").And.Message.Contains(option), option);
        }

        Assert.That(Faults.Select(f => f.Option).Distinct().Concat(Free), Is.EquivalentTo(typeof(ConsumerOptions).GetProperties().Select(p => p.Name)), "none is left out");
        Good().Validate();
    }

    [Test]
    public void All_faults_are_named_in_one_message() =>
        Assert.That(
            new ConsumerOptions { Topics = { "a" }, FetchMinBytes = -1, CloseTimeout = TimeSpan.Zero }.Validate,
            Throws.ArgumentException.With.Message.Contains("GroupId").And.Message.Contains("FetchMinBytes").And.Message.Contains("CloseTimeout"));

    [TestCase(typeof(ConsumerOptions))]
    [TestCase(typeof(RunOptions))]
    public void A_copy_has_all_values_and_is_not_changed_with_its_original(Type type)
    {
        object original = Activator.CreateInstance(type)!;
        foreach (PropertyInfo option in type.GetProperties())
        {
            Change(option, original);
        }

        object copy = type.GetMethod("Clone", BindingFlags.NonPublic | BindingFlags.Instance)!.Invoke(original, null)!;
        foreach (PropertyInfo option in type.GetProperties())
        {
            object? copied = option.GetValue(copy);
            Assert.That(copied, Is.EqualTo(option.GetValue(original)), option.Name);
            Change(option, original);
            Assert.That(copied, Is.Not.EqualTo(option.GetValue(original)), option.Name);
        }
    }

    private static ConsumerOptions Good() => new() { GroupId = "g", Topics = { "t" } };

    /// <summary>Gives an option another value than it has.</summary>
    private static void Change(PropertyInfo option, object options)
    {
        object? now = option.GetValue(options);
        switch (now)
        {
            case IList<string> topics:
                topics.Add($"t{topics.Count}");
                break;
            case IList<IPartitionAssignor> assignors:
                assignors.RemoveAt(0);
                break;
            default:
                option.SetValue(options, Other(option.PropertyType, now));
                break;
        }
    }

    private static object Other(Type type, object? now) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(string) => now + "x",
        var t when t == typeof(bool) => !(bool)now!,
        var t when t == typeof(int) => (int)now! + 1,
        var t when t == typeof(long) => (long)now! + 1,
        var t when t == typeof(TimeSpan) => ((TimeSpan?)now ?? TimeSpan.Zero) + TimeSpan.FromSeconds(1),
        var t when t == typeof(System.Text.RegularExpressions.Regex) => new System.Text.RegularExpressions.Regex(now + "x"),
        var t when t == typeof(StartPosition) => Equals(now, StartPosition.End) ? StartPosition.Beginning : StartPosition.End,
        var t when t == typeof(PoisonPolicy) => now == PoisonPolicy.Skip ? PoisonPolicy.Throw : PoisonPolicy.Skip,
        var t when t == typeof(FailurePolicy) => now == FailurePolicy.Skip ? FailurePolicy.Stop : FailurePolicy.Skip,
        var t when t == typeof(IRebalanceListener) => new Nobody(),
        { IsEnum: true } t => Enum.GetValues(t).Cast<object>().First(v => !v.Equals(now)),
        var t => throw new NotSupportedException($"There is no other value of {t}."),
    };

    private sealed class Nobody : IRebalanceListener;
}
