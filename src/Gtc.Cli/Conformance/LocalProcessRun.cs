using System.Collections.Immutable;
using Gtc.Conformance;
using Gtc.Model;

namespace Gtc.Cli.Conformance;

/// <summary>Tests the deployer of this machine, passive and supervising, in a folder that is removed afterwards.</summary>
internal static class LocalProcessRun
{
    /// <summary>Runs checks.</summary>
    public static async Task<Outcome<ConformanceShown>> RunAsync(ConformanceSuite suite, List<ConformanceCheck> checks, CliContext context, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("gtc-conformance-").FullName;
        try
        {
            if (!(await ServedBundle.BuildAsync(folder, cancellationToken)).TryGet(out var bundle, out var refusal))
            {
                return refusal;
            }

            var reports = ImmutableArray.CreateBuilder<ConformanceReport>();
            foreach (var supervises in (bool[])[false, true])
            {
                reports.Add(await suite.RunAsync(new LocalProcessTarget(context, folder, bundle, supervises), checks, cancellationToken));
            }

            return ConformanceShown.Of(reports.ToImmutable());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
