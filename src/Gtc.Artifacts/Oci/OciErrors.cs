namespace Gtc.Artifacts.Oci;

/// <summary>Error kinds of worker-runtime.md §6.2; they appear as the detail <c>code</c> of a refusal.</summary>
internal static class OciErrors
{
    public const string InvalidReference = nameof(InvalidReference);
    public const string MissingLayers = nameof(MissingLayers);
    public const string DigestMismatch = nameof(DigestMismatch);
    public const string PullFailed = nameof(PullFailed);
    public const string PushFailed = nameof(PushFailed);
    public const string Serde = nameof(Serde);
}
