using Gtc.Model;

namespace Gtc.Store;

/// <summary>Where a file store lies.</summary>
public sealed record StoreLayout
{
    /// <summary>Takes the folder that holds one folder per environment.</summary>
    /// <param name="root">Made absolute against the working folder.</param>
    public StoreLayout(string root) => Root = Path.GetFullPath(root);

    /// <summary>The folder, absolute.</summary>
    public string Root { get; }

    /// <summary>Attempts on environments that do not exist. No environment's id starts with a dot, so the name is free.</summary>
    public string AuditLog => Path.Combine(Root, ".audit", "events.jsonl");

    /// <summary>The audit logs of environments that were destroyed, one folder for each.</summary>
    public string Destroyed => Path.Combine(Root, ".destroyed");

    /// <summary>The layout of one environment.</summary>
    public EnvironmentLayout Environment(EnvId id) => new(id, Path.Combine(Root, id.ToString()));

    /// <summary>Finds the root: the option, else <c>GREENTIC_STORE_ROOT</c>, else <c>$HOME/.greentic/environments</c>.</summary>
    /// <param name="option">The value of <c>--store-root</c>, or null.</param>
    /// <param name="variable">Reads an environment variable.</param>
    public static Outcome<StoreLayout> Find(string? option, Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        if (FirstFilled(option, variable("GREENTIC_STORE_ROOT")) is { } root)
        {
            return new StoreLayout(root);
        }

        return FirstFilled(variable("HOME")) is { } home
            ? new StoreLayout(Path.Combine(home, ".greentic", "environments"))
            : new Refusal.InvalidArgument("there is no place for environments: neither --store-root nor GREENTIC_STORE_ROOT nor HOME is set")
            {
                Next = "export GREENTIC_STORE_ROOT=/var/lib/greentic/environments",
            };
    }

    private static string? FirstFilled(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
        {
            if (!string.IsNullOrEmpty(value))
            {
                return value;
            }
        }

        return null;
    }
}
