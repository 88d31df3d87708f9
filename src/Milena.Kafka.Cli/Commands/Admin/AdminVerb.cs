using System.CommandLine;
using System.Runtime.CompilerServices;
using Milena.Kafka.Cli.Settings;

namespace Milena.Kafka.Cli.Commands.Admin;

/// <summary>A verb that asks the admin client for something and prints what it says.</summary>
internal static class AdminVerb
{
    /// <summary>Makes one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does, in a sentence.</param>
    /// <param name="examples">How it is used.</param>
    /// <param name="symbols">Its own arguments and options.</param>
    /// <param name="act">What it does.</param>
    /// <returns>The verb, which names a cluster and prints JSON where it is asked to.</returns>
    public static Verb Create(string name, string description, string[] examples, Symbol[] symbols, Func<AdminCall, Task<int>> act)
    {
        var cluster = new ClusterOptions();
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var verb = new Verb(name, description) { Examples = examples };
        foreach (Argument argument in symbols.OfType<Argument>())
        {
            verb.Arguments.Add(argument);
        }

        cluster.AddTo(verb);
        foreach (Option option in symbols.OfType<Option>().Append(json))
        {
            verb.Options.Add(option);
        }

        verb.SetAction(async (parsed, cancellationToken) =>
        {
            var kafka = new KafkaClient(cluster.Read(parsed).ClientOptions());
            await using ConfiguredAsyncDisposable open = kafka.ConfigureAwait(false);
            return await act(new AdminCall(parsed, kafka.CreateAdmin(), parsed.GetValue(json), cancellationToken)).ConfigureAwait(false);
        });
        return verb;
    }
}
