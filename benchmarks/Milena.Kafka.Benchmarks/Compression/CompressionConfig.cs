using System.Runtime.InteropServices;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Filters;

namespace Milena.Kafka.Benchmarks.Compression;

/// <summary>Groups each direction with the C library as its baseline, and leaves the C library out where the machine does not have it.</summary>
internal abstract class CompressionConfig : ManualConfig
{
    /// <summary>The prefix of the methods that call the C library.</summary>
    public const string NativePrefix = "Native";

    protected CompressionConfig(string library)
    {
        bool isInstalled = NativeLibrary.TryLoad(library, out _);
        if (!isInstalled)
        {
            Console.WriteLine($"// {library} is not installed: its rows are left out.");
        }

        AddColumn(new ThroughputColumn());
        AddLogicalGroupRules(BenchmarkLogicalGroupRule.ByCategory);
        AddFilter(new SimpleFilter(benchmark => isInstalled || !benchmark.Descriptor.WorkloadMethod.Name.StartsWith(NativePrefix, StringComparison.Ordinal)));
    }
}
