using System.Globalization;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>
/// Who may change a local store: the owner of its files and nobody else, not even root, whose new files the owner could not change
/// any more (store.md §5.4). What is not there yet belongs to who makes it.
/// </summary>
internal sealed class LocalAccess(StoreLayout store, IFileCalls calls)
{
    /// <summary>Asked before anything is made, locked or run.</summary>
    /// <returns>Null when the caller may.</returns>
    /// <exception cref="FileCallException">The owner cannot be found out.</exception>
    public Refusal.Unauthorized? Deny(EnvironmentLayout environment)
    {
        foreach (var folder in new[] { environment.Folder, store.Root })
        {
            if (calls.Status(folder, followLinks: true) is { } status)
            {
                return status.Owner == calls.EffectiveUser ? null : Denied(environment.Id, folder, status.Owner);
            }
        }

        return null;
    }

    private Refusal.Unauthorized Denied(EnvId environment, string folder, uint owner) =>
        new($"environment `{environment}` is in a store of another user: only the owner of its files may change it")
        {
            Details =
            [
                new("expected", string.Create(CultureInfo.InvariantCulture, $"uid {owner}, the owner of {folder}")),
                new("found", string.Create(CultureInfo.InvariantCulture, $"uid {calls.EffectiveUser}")),
            ],
            Next = $"ls -ld {folder}",
        };
}
