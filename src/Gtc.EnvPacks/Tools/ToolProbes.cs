using System.Text.RegularExpressions;

namespace Gtc.EnvPacks;

/// <summary>Looks whether tools are there, recent enough and allowed to do their work (op-cli.md §5.5).</summary>
public static partial class ToolProbes
{
    private const int MaxDetail = 300;

    /// <summary>How long one probe may take.</summary>
    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Runs a check within <see cref="Deadline"/>.</summary>
    /// <param name="check">The check.</param>
    /// <param name="time">Measures the deadline.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    public static async Task<ToolOutcome> RunAsync(ToolCheck check, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(check);
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await check.Probe(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ToolOutcome.ProbeError($"no answer within {Deadline.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new ToolOutcome.ProbeError(error.Message.TrimEnd('.'));
        }
    }

    /// <summary>Checks that a tool is there and recent enough.</summary>
    public static ToolCheck Version(KnownTool tool, IToolRunner runner)
    {
        ArgumentNullException.ThrowIfNull(tool);
        ArgumentNullException.ThrowIfNull(runner);
        return new(tool.Name, $"{tool.Name} {tool.Minimum} or newer", async cancellationToken =>
        {
            if (await runner.RunAsync(tool.Name, tool.VersionArguments, cancellationToken) is not { } run)
            {
                return new ToolOutcome.NotFound(tool.InstallHint);
            }

            if (run.ExitCode != 0)
            {
                return new ToolOutcome.ProbeError($"`{tool.Name} {string.Join(' ', tool.VersionArguments)}` ended with {run.ExitCode}: {FirstLine(run.Error)}");
            }

            if (FindVersion(run.Output + run.Error) is not { } found)
            {
                return new ToolOutcome.ProbeError($"`{tool.Name} {string.Join(' ', tool.VersionArguments)}` names no version");
            }

            _ = PackVersion.TryParse(tool.Minimum, out var minimum);
            return found >= minimum
                ? new ToolOutcome.Ok($"{tool.Name} {found}")
                : new ToolOutcome.VersionMismatch(found.ToString(), $">={tool.Minimum}", tool.InstallHint);
        });
    }

    /// <summary>Checks who the AWS command line speaks for.</summary>
    public static ToolCheck AwsCallerIdentity(IToolRunner runner, string? profile, string? region) => Authorization(
        "aws.caller-identity",
        "the AWS credentials are accepted",
        KnownTools.Aws,
        ["sts", "get-caller-identity", "--query", "Arn", "--output", "text", .. Flag("--profile", profile), .. Flag("--region", region)],
        runner,
        $"sign in with `aws sso login{(profile is null ? "" : $" --profile {profile}")}` or set AWS_PROFILE");

    /// <summary>Checks that the Google Cloud command line is signed in.</summary>
    public static ToolCheck GcloudAuth(IToolRunner runner) => Authorization(
        "gcloud.auth", "the Google Cloud credentials are accepted", KnownTools.Gcloud, ["auth", "print-identity-token", "--quiet"], runner, "sign in with `gcloud auth login`", isSecret: true);

    /// <summary>Checks that the Azure command line is signed in.</summary>
    public static ToolCheck AzAccount(IToolRunner runner) => Authorization(
        "az.account", "the Azure credentials are accepted", KnownTools.Az, ["account", "show", "--query", "id", "--output", "tsv"], runner, "sign in with `az login`");

    /// <summary>Checks that the cluster answers and lets the caller do something.</summary>
    /// <param name="runner">Runs kubectl.</param>
    /// <param name="verb">What is to be done, e.g. <c>create</c>.</param>
    /// <param name="resource">To what, e.g. <c>deployments.apps</c>.</param>
    /// <param name="context">The context of the kubeconfig, or null for the current one.</param>
    /// <param name="ns">The namespace, or null for the context's.</param>
    public static ToolCheck KubectlCanI(IToolRunner runner, string verb, string resource, string? context, string? ns) => Authorization(
        $"kubectl.can-i:{verb}:{resource}",
        $"the cluster answers and allows to {verb} {resource}",
        KnownTools.Kubectl,
        ["auth", "can-i", verb, resource, "--request-timeout=8s", .. Flag("--context", context), .. Flag("--namespace", ns)],
        runner,
        "choose a context with `kubectl config use-context NAME`, or have the role bound");

    private static ToolCheck Authorization(
        string name, string description, KnownTool tool, string[] arguments, IToolRunner runner, string recovery, bool isSecret = false) =>
        new(name, description, async cancellationToken => await runner.RunAsync(tool.Name, arguments, cancellationToken) switch
        {
            null => new ToolOutcome.NotFound(tool.InstallHint),
            { ExitCode: 0 } run => new ToolOutcome.Ok(isSecret ? "accepted" : FirstLine(run.Output)),
            var run => new ToolOutcome.AuthFailed(FirstLine(run.Error.Length > 0 ? run.Error : run.Output), recovery),
        });

    private static string[] Flag(string name, string? value) => value is null ? [] : [name, value];

    /// <summary>Two numbers are enough for a tool that has no third, e.g. <c>v1.28</c>.</summary>
    private static PackVersion? FindVersion(string text)
    {
        var match = VersionText().Match(text);
        return match.Success && PackVersion.TryParse($"{match.Groups[1]}.{match.Groups[2]}.{(match.Groups[3].Success ? match.Groups[3].Value : "0")}", out var version) ? version : null;
    }

    private static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        line = end < 0 ? line : line[..end];
        return line.Length <= MaxDetail ? line.ToString() : $"{line[..MaxDetail]}…";
    }

    [GeneratedRegex(@"\b[vV]?(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})(?:\.(0|[1-9][0-9]{0,8}))?\b")]
    private static partial Regex VersionText();
}
