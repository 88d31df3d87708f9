using System.CommandLine;

namespace Milena.Kafka.Cli.Settings;

/// <summary>Which cluster a verb speaks to, and how: <c>-b</c>, <c>-X</c>, <c>--config</c> and the environment, the first that says it.</summary>
internal sealed class ClusterOptions
{
    public const string Variable = "MILENA_BOOTSTRAP";

    private const string Servers = "bootstrap.servers";

    private readonly Option<string> _bootstrap = new("--bootstrap", "-b")
    {
        Description = $"Brokers to ask first, as host:port, comma between. Default: {Servers} of -X or --config, or the environment variable {Variable}.",
        HelpName = "HOST:PORT",
    };

    private readonly Option<string[]> _properties = new("--property", "-X") { Description = "A setting by Kafka's name for it, such as client.id=mine; may be given again.", HelpName = "NAME=VALUE" };

    private readonly Option<string> _config = new("--config") { Description = "A .properties file with such settings, as Kafka's own tools take, in UTF-8 or else ISO 8859-1. Those tools know only the latter: write \\u00e9 for both.", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        command.Options.Add(_bootstrap);
        command.Options.Add(_properties);
        command.Options.Add(_config);
    }

    /// <exception cref="ArgumentException">No cluster is named, or a setting is not known or not well-formed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public KafkaProperties Read(ParseResult parsed)
    {
        Dictionary<string, string> properties = parsed.GetValue(_config) is { } file ? ReadFile(file) : new(StringComparer.Ordinal);
        foreach (string setting in parsed.GetValue(_properties) ?? [])
        {
            int equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                // Not shown: it may be a secret whose name was forgotten.
                throw new ArgumentException("A setting behind -X is not of the form NAME=VALUE.");
            }

            string name = setting[..equals].Trim();
            if (KafkaProperties.UnknownIn([name]).Any())
            {
                throw new ArgumentException($"'{name}' behind -X is not a setting that milena knows.{Nearest.Hint(name, KafkaProperties.Known)}");
            }

            properties[name] = setting[(equals + 1)..];
        }

        properties[Servers] = parsed.GetValue(_bootstrap) ?? properties.GetValueOrDefault(Servers) ?? Environment.GetEnvironmentVariable(Variable) ?? "";
        if (properties[Servers].Length == 0)
        {
            throw new ArgumentException($"No cluster is named. Use -b HOST:PORT or set {Variable}.");
        }

        var read = new KafkaProperties(properties);
        string[] idle = [.. read.IdleSecurity()];
        if (idle.Length > 0)
        {
            // Who gives a password and forgets the protocol is not to find it out from the listener.
            Console.Error.WriteLine($"milena: not used with security.protocol {properties.GetValueOrDefault("security.protocol", "PLAINTEXT")}: {string.Join(", ", idle)}");
        }

        return read;
    }

    private static Dictionary<string, string> ReadFile(string file)
    {
        try
        {
            Dictionary<string, string> properties = PropertiesFile.Parse(File.ReadAllBytes(file));
            string[] unknown = [.. KafkaProperties.UnknownIn(properties.Keys).Order(StringComparer.Ordinal)];
            if (unknown.Length > 0)
            {
                // A file may be shared with Java, so that this is no error, as it is none there.
                Console.Error.WriteLine($"milena: not used of {file}: {string.Join(", ", unknown)}");
            }

            return properties;
        }
        catch (FormatException fault)
        {
            throw new ArgumentException($"{file}, {fault.Message}", fault);
        }
    }
}
