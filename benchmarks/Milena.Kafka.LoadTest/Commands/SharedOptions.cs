using System.CommandLine;

namespace Milena.Kafka.LoadTest.Commands;

/// <summary>What produce and consume are both told.</summary>
internal sealed class SharedOptions
{
    public Option<ClientKind> Client { get; } = new("--client") { Description = "The client that is measured; confluent only when it was built in.", DefaultValueFactory = _ => ClientKind.Milena };

    public Option<string?> Bootstrap { get; } = new("--bootstrap") { Description = "A running cluster. Without it an embedded one is started in another process.", HelpName = "HOST:PORT" };

    public Option<bool> Tls { get; } = new("--tls") { Description = "Does it over TLS as well, on another embedded cluster, and prints both and how many times as much TLS costs." };

    public Option<int> Brokers { get; } = new("--brokers") { Description = "Brokers of the embedded cluster.", DefaultValueFactory = _ => 1, HelpName = "N" };

    public Option<string> Topic { get; } = new("--topic") { Description = "The topic. It is created if it is not there.", DefaultValueFactory = _ => "load", HelpName = "T" };

    public Option<long> Records { get; } = new("--records") { Description = "Records of the timed part.", DefaultValueFactory = _ => 1_000_000, HelpName = "N" };

    public Option<int> Size { get; } = new("--size") { Description = "Bytes of a value.", DefaultValueFactory = _ => 100, HelpName = "B" };

    public Option<int> Partitions { get; } = new("--partitions") { Description = "Partitions of a topic that is created.", DefaultValueFactory = _ => 4, HelpName = "P" };

    public Option<long> Warmup { get; } = new("--warmup") { Description = "Records before the timed part.", DefaultValueFactory = _ => 1_000_000, HelpName = "N" };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { Client, Bootstrap, Tls, Brokers, Topic, Records, Size, Partitions, Warmup })
        {
            command.Options.Add(option);
        }

        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(Tls) && parsed.GetValue(Bootstrap) is not null)
            {
                parsed.AddError("--tls is for embedded clusters; leave --bootstrap out.");
            }
        });
    }

    public LoadSettings Read(ParseResult parsed) => new()
    {
        Client = parsed.GetValue(Client),
        Bootstrap = parsed.GetValue(Bootstrap),
        Tls = parsed.GetValue(Tls),
        Brokers = parsed.GetValue(Brokers),
        Topic = parsed.GetRequiredValue(Topic),
        Records = parsed.GetValue(Records),
        Size = parsed.GetValue(Size),
        Partitions = parsed.GetValue(Partitions),
        Warmup = parsed.GetValue(Warmup),
    };
}
