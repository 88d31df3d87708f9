using System.CommandLine;

namespace Milena.Kafka.Cli.Settings;

/// <summary>What the numbers of options may be.</summary>
internal static class OptionRules
{
    public static TOption NotNegative<TOption>(this TOption option)
        where TOption : Option
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', ..] }, ..])
            {
                result.AddError($"{option.Name} must not be negative.");
            }
        });
        return option;
    }

    public static Option<long?> AtLeastOne(this Option<long?> option)
    {
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long?>() < 1)
            {
                result.AddError($"{option.Name} must be at least 1.");
            }
        });
        return option;
    }

    public static Option<double> Positive(this Option<double> option)
    {
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and < 1_000_000))
            {
                result.AddError($"{option.Name} must be positive, and below 1,000,000.");
            }
        });
        return option;
    }
}
