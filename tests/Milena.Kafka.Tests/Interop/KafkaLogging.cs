namespace Milena.Kafka.Tests.Interop;

/// <summary>Logging of a broker to its standard output, for both generations of log4j.</summary>
internal static class KafkaLogging
{
    public const string FirstName = "log4j.properties";

    public const string SecondName = "log4j2.properties";

    public const string First = """
        log4j.rootLogger=INFO, console
        log4j.appender.console=org.apache.log4j.ConsoleAppender
        log4j.appender.console.layout=org.apache.log4j.PatternLayout
        log4j.appender.console.layout.ConversionPattern=%d %p %c: %m%n

        """;

    public const string Second = """
        status=error
        rootLogger.level=info
        rootLogger.appenderRef.console.ref=console
        appender.console.type=Console
        appender.console.name=console
        appender.console.layout.type=PatternLayout
        appender.console.layout.pattern=%d %p %c: %m%n

        """;
}
