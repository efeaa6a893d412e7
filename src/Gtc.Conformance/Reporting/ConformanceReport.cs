using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gtc.Conformance;

/// <summary>What the suite found out about one deployer. A program reads <see cref="ToJson"/>, a person <see cref="ToString"/>.</summary>
/// <param name="Deployer">Its name.</param>
/// <param name="Capabilities">What it says that it does.</param>
/// <param name="Checks">Every check, in the order of the specification.</param>
public sealed record ConformanceReport(string Deployer, DeployerCapabilities Capabilities, ImmutableArray<CheckResult> Checks)
{
    /// <summary>How many checks passed.</summary>
    public int Passed => Count(CheckStatus.Passed);

    /// <summary>How many failed.</summary>
    public int Failed => Count(CheckStatus.Failed);

    /// <summary>How many do not apply.</summary>
    public int NotApplicable => Count(CheckStatus.NotApplicable);

    /// <summary>The report as JSON, snake_case, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.ConformanceReport);

    /// <summary>The report as lines of text: one for each check, failures with what was seen, a total.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Deployer}\n");
        foreach (var check in Checks)
        {
            var word = check.Status switch { CheckStatus.Passed => "ok", CheckStatus.Failed => "FAILED", _ => "-" };
            text.Append(CultureInfo.InvariantCulture, $"  {check.Id,-4} {word,-7} {check.Title}\n");
            if (check.Status == CheckStatus.Failed)
            {
                var verb = check.Verb is null ? "" : $" ({check.Verb})";
                text.Append(CultureInfo.InvariantCulture, $"       {check.Failure}{verb}: {check.Message}\n");
            }
        }

        return text.Append(CultureInfo.InvariantCulture, $"{Passed} passed, {Failed} failed, {NotApplicable} not applicable\n").ToString();
    }

    private int Count(CheckStatus status) => Checks.Count(check => check.Status == status);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ConformanceReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
