namespace Milena.Kafka.Architecture.Tests;

/// <summary>The layers inside Milena.Kafka, and that the guard sees what breaks them.</summary>
public class LayeringTests
{
    private static readonly SourceProject Client = SourceProject.Load("Milena.Kafka");

    [Test]
    public void No_folder_refers_upwards_or_sideways() => Guard.AssertNone(new LayerCheck(Client).Faults());

    [Test]
    public void A_namespace_is_its_folder_and_machinery_is_internal() => Guard.AssertNone(new NamespaceCheck(Client).Faults());

    [TestCase("Milena.Kafka.Compression")]
    [TestCase("Milena.Kafka.Protocol.Generator")]
    [TestCase("Milena.Kafka.Protocol")]
    [TestCase("Milena.Kafka")]
    [TestCase("Milena.Kafka.Testing")]
    [TestCase("Milena.Kafka.Cli")]
    public void The_guards_can_resolve_every_name(string name) => Guard.AssertNone(SourceProject.Load(name).UnresolvedNames());

    [Test]
    public void A_reference_upwards_is_found_where_it_stands()
    {
        SourceProject subject = Subject(
            ("Network/Internal/Connection.cs", "namespace Milena.Kafka.Network.Internal; class Connection {\n object? _cache = Cluster.Internal.Cache.Shared; }"),
            ("Cluster/Internal/Cache.cs", "namespace Milena.Kafka.Cluster.Internal; class Cache { public static readonly Cache Shared = new(); }"));

        IReadOnlyList<string> faults = new LayerCheck(subject).Faults();

        Assert.That(faults, Has.All.StartsWith("src/Milena.Kafka/Network/Internal/Connection.cs:2: Milena.Kafka.Cluster.Internal.Cache"));
        Assert.That(faults, Has.Count.EqualTo(2).And.All.Contains("is upwards: Network (layer 1) must not know Cluster (layer 2)"));
    }

    [Test]
    public void A_reference_hidden_behind_var_is_found()
    {
        SourceProject subject = Subject(
            ("Errors/Source.cs", "namespace Milena.Kafka; class Source { public T Make<T>() where T : new() => new(); }"),
            ("Consumer/Poll.cs", "namespace Milena.Kafka.Consumer; class Poll { public int Count; }"),
            ("Producer/Use.cs", "namespace Milena.Kafka.Producer; using Odd = Milena.Kafka.Consumer.Poll; class Use {\n int Run() { var poll = new Source().Make<Odd>();\n return poll.Count; } }"));

        IReadOnlyList<string> faults = new LayerCheck(subject).Faults();

        Assert.That(faults, Has.Some.StartsWith("src/Milena.Kafka/Producer/Use.cs:2").And.Contains("sideways"));
        Assert.That(faults, Has.Some.StartsWith("src/Milena.Kafka/Producer/Use.cs:3").And.Contains("Poll.Count"));
    }

    [TestCase("Producer", "Admin")]
    [TestCase("Consumer", "Producer")]
    [TestCase("Admin", "Consumer")]
    public void Producer_consumer_and_admin_do_not_know_one_another(string from, string to)
    {
        SourceProject subject = Subject(
            ($"{from}/User.cs", $"namespace Milena.Kafka.{from}; class User : {to}.Used;"),
            ($"{to}/Used.cs", $"namespace Milena.Kafka.{to}; class Used;"));

        Assert.That(new LayerCheck(subject).Faults(), Has.Count.EqualTo(1).And.All.Contains("sideways"));
    }

    [Test]
    public void An_extension_method_of_an_upper_layer_is_found()
    {
        SourceProject subject = Subject(
            ("Security/Login.cs", "namespace Milena.Kafka.Security; using Milena.Kafka.Admin; class Login { string Run() => \"\".Twice(); }"),
            ("Admin/Text.cs", "namespace Milena.Kafka.Admin; static class Text { public static string Twice(this string text) => text + text; }"));

        Assert.That(new LayerCheck(subject).Faults(), Has.Count.EqualTo(1).And.All.Contains("Twice"));
    }

    [TestCase("nameof(KafkaClient)", 0)]
    [TestCase("typeof(KafkaClient)", 1)]
    [TestCase("Throw()); object Throw() { ObjectDisposedException.ThrowIf(true, typeof(KafkaClient)); return 1; } object More() => (1", 0)]
    public void A_name_for_a_message_is_no_reference_but_a_type_is(string expression, int faults)
    {
        SourceProject subject = Subject(
            ("KafkaClient.cs", "namespace Milena.Kafka; public class KafkaClient;"),
            ("Cluster/Cache.cs", $"namespace Milena.Kafka.Cluster; class Cache {{ object Owner() => ({expression}); }}"));

        Assert.That(new LayerCheck(subject).Faults(), Has.Count.EqualTo(faults));
    }

    [Test]
    public void References_downwards_and_in_documentation_are_left_alone()
    {
        SourceProject subject = Subject(
            ("KafkaClient.cs", "namespace Milena.Kafka; public class KafkaClient { Producer.Sender? _sender; }"),
            ("Producer/Sender.cs", "namespace Milena.Kafka.Producer; class Sender { Errors.Fault? _fault; }"),
            ("Errors/Fault.cs", "namespace Milena.Kafka.Errors; /// <summary>See <see cref=\"KafkaClient\"/>.</summary>\nclass Fault;"));

        Assert.That(subject.UnresolvedNames(), Is.Empty);
        Assert.That(new LayerCheck(subject).Faults(), Is.Empty);
    }

    [Test]
    public void A_folder_without_a_layer_is_found()
    {
        SourceProject subject = Subject(("Misc/Thing.cs", "namespace Milena.Kafka.Misc; class Thing;"));

        Assert.That(new LayerCheck(subject).Faults(), Has.Count.EqualTo(1).And.All.Contains("Misc belongs to no layer"));
    }

    [TestCase("Network/Internal/Frame.cs", "namespace Milena.Kafka.Network; class Frame;", "its folder says Milena.Kafka.Network.Internal")]
    [TestCase("Network/Internal/Frame.cs", "namespace Milena.Kafka.Network.Internal; public class Frame;", "is public and lies in Internal")]
    [TestCase("Network/Frame.cs", "namespace Milena.Kafka; class Frame;", "its folder says Milena.Kafka.Network")]
    [TestCase("Network/Frame.cs", "namespace Milena.Kafka.Cluster; public class Frame;", "its folder says Milena.Kafka.Network")]
    [TestCase("Frame.cs", "namespace Milena.Kafka.Network; public class Frame;", "its folder says Milena.Kafka")]
    public void A_namespace_that_is_not_its_folder_is_found(string path, string text, string fault) =>
        Assert.That(new NamespaceCheck(Subject((path, text))).Faults(), Has.Count.EqualTo(1).And.All.Contains(fault));

    [TestCase("Network/Internal/Frame.cs", "namespace Milena.Kafka.Network.Internal; class Frame;")]
    [TestCase("Network/Internal/Tls/Frame.cs", "namespace Milena.Kafka.Network.Internal.Tls; class Frame;")]
    [TestCase("Network/Frame.cs", "namespace Milena.Kafka; public class Frame;")]
    [TestCase("Network/Frame.cs", "namespace Milena.Kafka.Network; public class Frame;")]
    [TestCase("Errors/Frame.cs", "namespace Milena.Kafka; class Frame;")]
    [TestCase("Frame.cs", "namespace Milena.Kafka; class Frame;")]
    public void A_namespace_that_is_its_folder_is_left_alone(string path, string text) =>
        Assert.That(new NamespaceCheck(Subject((path, text))).Faults(), Is.Empty);

    private static SourceProject Subject(params (string Path, string Text)[] files) => SourceProject.FromText("Milena.Kafka", files);
}
