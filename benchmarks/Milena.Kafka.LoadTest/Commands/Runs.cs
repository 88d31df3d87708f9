using System.Text.Json.Nodes;
using Milena.Kafka.LoadTest.Measuring;

namespace Milena.Kafka.LoadTest.Commands;

/// <summary>Carries out what a command line asks for: one run, or one without and one with TLS, each on a line.</summary>
internal static class Runs
{
    /// <returns>The exit code: 0 when all was delivered.</returns>
    public static async Task<int> PrintAsync(LoadSettings settings, Func<LoadSettings, Task<(JsonObject Report, bool IsGood)>> run)
    {
        (JsonObject plaintext, bool isGood) = await run(settings with { Tls = false });
        await Console.Out.WriteLineAsync(plaintext.ToJsonString());
        if (settings.Tls)
        {
            (JsonObject tls, bool isTlsGood) = await run(settings);
            await Console.Out.WriteLineAsync(tls.ToJsonString());
            await Console.Out.WriteLineAsync(Report.OfTls(plaintext, tls).ToJsonString());
            isGood &= isTlsGood;
        }

        return isGood ? 0 : 1;
    }
}
