using System.CommandLine;

namespace Milena.Kafka.LoadTest.Commands;

/// <summary>The verbs of the program.</summary>
internal static class RootCommands
{
    public static RootCommand Create() => new("Measures a producer or consumer from the outside and prints one line of JSON.")
    {
        ProduceCommand.Create(),
        ConsumeCommand.Create(),
        TransactCommand.Create(),
        RebalanceCommand.Create(),
        BrokerCommand.Create(),
    };
}
