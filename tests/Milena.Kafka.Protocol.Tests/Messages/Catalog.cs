using Milena.Kafka.Protocol.Generator.Model;
using Milena.Kafka.Protocol.Generator.Parsing;

namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>Every definition file and every message that is generated from them.</summary>
internal static class Catalog
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Definitions");

    public static IReadOnlyList<Definition> Definitions { get; } =
        [.. Directory.GetFiles(Folder, "*.api").Order(StringComparer.Ordinal).Select(file => DefinitionParser.Parse(File.ReadAllText(file)))];

    public static IReadOnlyList<MessageSchema> Messages { get; } =
        [.. Definitions.SelectMany(d => d.Messages.Select(m => new MessageSchema(d, m)))];

    public static IEnumerable<TestCaseData> MessageCases => Messages.Select(m => new TestCaseData(m).SetArgDisplayNames(m.Name));

    public static IEnumerable<(MessageSchema Message, short Version)> MessagesAtVersions =>
        Messages.SelectMany(m => m.Versions.Select(v => (m, v)));

    public static MessageSchema Find(string name) => Messages.Single(m => m.Name == name);
}
