using Milena.Kafka.LoadTest.Commands;

return await RootCommands.Create().Parse(args).InvokeAsync();
