using System.CommandLine;

namespace Milena.Kafka.LoadTest.Commands;

/// <summary><c>LoadTest rebalance</c>.</summary>
internal static class RebalanceCommand
{
    public static Command Create()
    {
        var bootstrap = new Option<string?>("--bootstrap") { Description = "A running cluster. Without it an embedded one is started in another process.", HelpName = "HOST:PORT" };
        var topic = new Option<string>("--topic") { Description = "The topic. It is created if it is not there.", DefaultValueFactory = _ => "rebalance", HelpName = "T" };
        var partitions = new Option<int>("--partitions") { Description = "Partitions of the topic.", DefaultValueFactory = _ => 1000, HelpName = "P" };
        var members = new Option<int>("--members") { Description = "Members of the group.", DefaultValueFactory = _ => 10, HelpName = "M" };
        var protocol = new Option<GroupProtocol>("--protocol") { Description = "How they join.", DefaultValueFactory = _ => GroupProtocol.Classic };
        var rounds = new Option<int>("--rounds") { Description = "How often; the first one is a warm-up.", DefaultValueFactory = _ => 4, HelpName = "N" };
        var command = new Command("rebalance", "Measures how long members wait for their partitions: when all join, when one leaves, when one joins.") { bootstrap, topic, partitions, members, protocol, rounds };
        command.SetAction(async (parsed, _) =>
        {
            var settings = new LoadSettings
            {
                Client = ClientKind.Milena,
                Bootstrap = parsed.GetValue(bootstrap),
                Brokers = 3,
                Topic = parsed.GetRequiredValue(topic),
                Partitions = parsed.GetValue(partitions),
                Records = 0,
                Size = 0,
            };
            await using LoadCluster cluster = await LoadCluster.OpenAsync(settings, filled: 0);
            var run = new RebalanceRun(cluster.Target.Bootstrap, settings.Topic, settings.Partitions, parsed.GetValue(members), parsed.GetValue(protocol));
            for (int round = 0; round < parsed.GetValue(rounds); round++)
            {
                string line = await run.RoundAsync();
                if (round > 0)
                {
                    await Console.Out.WriteLineAsync(line);
                }
            }

            return 0;
        });
        return command;
    }
}
