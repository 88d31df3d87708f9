using Milena.Kafka.Cli;

return await CommandLine.RunAsync(args).ConfigureAwait(false);
