using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;

namespace Gtc.Cli.Op.Apply;

/// <summary>Plans on their way to a person or a file, and back.</summary>
internal static class PlanFiles
{
    private const int MaxBytes = 64 << 20;

    /// <summary>Reads a plan that was kept.</summary>
    public static async Task<Outcome<PlanDocument?>> ReadAsync(string name, VerbCall call, CancellationToken cancellationToken)
    {
        var path = call.Context.PathOf(name);
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                return new Refusal.UnreadableAnswers($"plan `{name}` has more than {MaxBytes:N0} bytes");
            }

            return PlanDocuments.Parse(await File.ReadAllBytesAsync(path, cancellationToken)).Then<PlanDocument?>(plan => plan);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"plan `{name}` cannot be read: {error.Message}");
        }
    }

    /// <summary>Shows a plan, and keeps it when a file is named.</summary>
    public static Outcome<ApplyEnd> Show(Planned made, string? name, VerbCall call)
    {
        if (!made.ToDocument().TryGet(out var document, out var refusal))
        {
            return refusal;
        }

        var path = name is null ? null : call.Context.PathOf(name);
        if (path is not null)
        {
            if (File.Exists(path))
            {
                return new Refusal.Conflict($"{path} exists already; a plan does not replace a file");
            }

            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            file.Write(PlanDocuments.ToFile(document));
        }

        var report = new PlanReport
        {
            Plan = PlanDocuments.ToElement(document),
            Deployer = DeployerPreview.Of(made, made.After!),
            Changed = made.Plan.Changed,
            Missing = made.Plan.Missing,
            Warnings = [.. made.Plan.Warnings, .. call.Warnings ?? []],
            WrittenTo = path,
        };
        return new ApplyEnd(Answer.Of(report, ApplyJson.Default.PlanReport, screen => PlanPage.Show(made, document, report, name, screen)))
        {
            HasDrift = made.Plan.Changed > 0 || !made.Plan.Missing.IsEmpty,
        };
    }
}
