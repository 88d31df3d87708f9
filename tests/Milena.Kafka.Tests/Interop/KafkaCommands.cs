namespace Milena.Kafka.Tests.Interop;

/// <summary>The command lines that format and start a KRaft node, the same for 3.9 and 4.x.</summary>
/// <param name="Java">The path of java.</param>
/// <param name="Home">The folder with <c>libs/*.jar</c>.</param>
internal sealed record KafkaCommands(string Java, string Home)
{
    /// <summary>Options of Java for brokers.</summary>
    public IReadOnlyList<string> JavaOptions { get; init; } = [];

    /// <summary>SCRAM credentials that formatting writes into the cluster's metadata.</summary>
    public IReadOnlyList<string> ScramCredentials { get; init; } = [];

    /// <summary>The voters stand in the configuration, so that no release asks for --standalone or --initial-controllers.</summary>
    public IReadOnlyList<string> Format(string clusterId, string configuration) =>
    [
        "-Xmx256m",
        "-cp", ClassPath,
        "kafka.tools.StorageTool", "format",
        "--cluster-id", clusterId,
        "--config", configuration,
        .. ScramCredentials.SelectMany(credential => (string[])["--add-scram", credential]),
    ];

    /// <summary>Releases before 4.0 log through log4j 1, later ones through log4j 2: each reads the property it knows.</summary>
    public IReadOnlyList<string> Serve(string configuration, string folder) =>
    [
        "-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-Djava.awt.headless=true",
        $"-Dlog4j.configuration=file:{Path.Combine(folder, KafkaLogging.FirstName)}",
        $"-Dlog4j2.configurationFile={Path.Combine(folder, KafkaLogging.SecondName)}",
        .. JavaOptions,
        "-cp", ClassPath,
        "kafka.Kafka", configuration,
    ];

    /// <summary>A tool of the distribution, as its scripts start it.</summary>
    public IReadOnlyList<string> Run(string tool, IReadOnlyList<string> arguments) => ["-Xmx256m", "-cp", ClassPath, tool, .. arguments];

    // java itself expands the asterisk.
    private string ClassPath => Path.Combine(Home, "libs", "*");
}
