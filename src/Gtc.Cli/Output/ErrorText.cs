using Gtc.Model;

namespace Gtc.Cli.Output;

/// <summary>A refusal for people: what is refused and why, what was expected and found, what to do next.</summary>
internal static class ErrorText
{
    private const string Red = "\e[31m";
    private const string Plain = "\e[0m";

    /// <summary>Prints it to standard error.</summary>
    public static void Write(Refusal refusal, CliContext context)
    {
        var name = context.HasErrorColor ? $"{Red}{context.ProgramName}:{Plain}" : $"{context.ProgramName}:";
        context.Stderr.WriteLine($"{name} {refusal.Message}");
        var column = refusal.Details.IsEmpty ? 0 : refusal.Details.Max(detail => detail.Label.Length) + 2;
        foreach (var detail in refusal.Details)
        {
            context.Stderr.WriteLine($"    {detail.Label.PadRight(column)}{detail.Value}");
        }

        if (refusal.Next is { } next)
        {
            context.Stderr.WriteLine($"  next  {next}");
        }
    }
}
