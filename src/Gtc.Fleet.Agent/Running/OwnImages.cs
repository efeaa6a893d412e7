using System.Collections.Immutable;
using Gtc.Fleet.Agent.Storage;
using Gtc.Fleet.Contracts;
using Gtc.Podman;
using Microsoft.Extensions.Logging;

namespace Gtc.Fleet.Agent.Running;

/// <summary>
/// The images that this agent brought to the device. Those that no deployment and no container uses any more go after a while, or at once when the disk is short; an image that
/// somebody else brought never does, and of one that has names of others only the agent's own name goes. Safe for several threads.
/// </summary>
internal sealed partial class OwnImages(AgentShell shell)
{
    private readonly Lock _gate = new();
    private ImmutableArray<OwnImage> _images = shell.Store.ReadImages();

    private SemaphoreSlim Sweeping { get; } = new(1, 1);

    private PodmanClient Podman => shell.Ports.Podman;

    /// <summary>Pulls an image, and remembers it when that brought it here.</summary>
    public async Task<PodmanResult<string>> PullAsync(ImagePull pull, CancellationToken cancellationToken)
    {
        var there = await Podman.InspectImageAsync(pull.Reference, cancellationToken);
        if (there.Error is { Kind: not PodmanErrorKind.NotFound } unknown)
        {
            return unknown;
        }

        // Before it is pulled: what a power cut leaves is the agent's all the same.
        var before = there.Error is null ? there.Value.Id : null;
        if (before is null)
        {
            Change(images => images.RemoveAll(image => image.Reference == pull.Reference && image.Id.Length == 0).Add(new OwnImage("", pull.Reference, null)));
        }

        var pulled = await Podman.PullAsync(pull, cancellationToken);
        Change(images => images.RemoveAll(image => image.Reference == pull.Reference && image.Id.Length == 0));
        if (pulled.TryGet(out var id, out _) && id != before)
        {
            Change(images => images.RemoveAll(image => image.Reference == pull.Reference && image.Id == id).Add(new OwnImage(id, pull.Reference, null)));
        }

        return pulled;
    }

    /// <summary>Looks again and again, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (shell.Config.PrunesImages)
        {
            await Task.Delay(shell.Ports.ImagePause, shell.Ports.Time, cancellationToken);
            await SweepAsync(isShort: false, cancellationToken);
        }
    }

    /// <summary>Removes what nothing uses any more.</summary>
    /// <param name="isShort">True when the disk is short, so that nothing is kept in case it is wanted again.</param>
    /// <param name="cancellationToken">Stops it between two images.</param>
    public async Task SweepAsync(bool isShort, CancellationToken cancellationToken)
    {
        if (!shell.Config.PrunesImages)
        {
            return;
        }

        await Sweeping.WaitAsync(cancellationToken);
        try
        {
            var images = _images;
            var wanted = shell.Images.Values.SelectMany(names => names).ToHashSet(StringComparer.Ordinal);
            var candidates = images.Where((image, at) => !wanted.Contains(image.Reference) || IsSuperseded(images, at)).ToList();
            Change(all => [.. all.Select(image => candidates.Contains(image) ? image : image with { UnusedSince = null })]);
            if (candidates.Count == 0 || !(await Podman.ListAsync([], cancellationToken)).TryGet(out var containers, out _))
            {
                return;
            }

            var running = containers.Select(container => container.ImageId).ToHashSet(StringComparer.Ordinal);
            foreach (var candidate in candidates)
            {
                await LookAsync(candidate, running, isShort, cancellationToken);
            }
        }
        finally
        {
            Sweeping.Release();
        }
    }

    /// <summary>A name that was pulled again names another image now.</summary>
    private static bool IsSuperseded(ImmutableArray<OwnImage> images, int at) => images.Skip(at + 1).Any(later => later.Reference == images[at].Reference);

    private async Task LookAsync(OwnImage image, HashSet<string> running, bool isShort, CancellationToken cancellationToken)
    {
        var found = await Podman.InspectImageAsync(image.Id.Length > 0 ? image.Id : image.Reference, cancellationToken);
        if (found.Error is { } error)
        {
            if (error.Kind == PodmanErrorKind.NotFound)
            {
                Replace(image, null);
            }

            return;
        }

        var now = shell.Ports.Time.GetUtcNow();
        var isUsed = running.Contains(found.Value.Id);
        var seen = image with { Id = found.Value.Id, UnusedSince = isUsed ? null : image.UnusedSince ?? now };
        Replace(image, seen);
        if (!isUsed && (isShort || now - seen.UnusedSince >= shell.Config.KeepsImages))
        {
            await RemoveAsync(seen, found.Value, cancellationToken);
        }
    }

    private async Task RemoveAsync(OwnImage image, ImageDetails details, CancellationToken cancellationToken)
    {
        var named = await Podman.InspectImageAsync(image.Reference, cancellationToken);
        var isNamed = named.Error is null && named.Value.Id == image.Id;
        if (!isNamed && details.Tags is { Length: > 0 })
        {
            // The agent's name went to another image, and what is left are names of others.
            Replace(image, null);
            return;
        }

        shell.Step(AgentStep.RemoveImage);
        if ((await Podman.RemoveImageAsync(isNamed ? image.Reference : image.Id, cancellationToken)).Error is { } refused)
        {
            Log.Stays(shell.Ports.Log, image.Reference, refused.Message);
            Replace(image, image with { UnusedSince = shell.Ports.Time.GetUtcNow() });
            return;
        }

        Replace(image, null);
        Log.Removed(shell.Ports.Log, image.Reference);
        shell.Tell(EventSeverity.Info, $"image {image.Reference} removed: nothing uses it any more");
    }

    private void Replace(OwnImage before, OwnImage? after) =>
        Change(images => after is null ? images.Remove(before) : before == after ? images : images.Replace(before, after));

    private void Change(Func<ImmutableArray<OwnImage>, ImmutableArray<OwnImage>> change)
    {
        lock (_gate)
        {
            var next = change(_images);
            if (next.SequenceEqual(_images))
            {
                return;
            }

            _images = next.Length > LocalStore.MaxImages ? next[^LocalStore.MaxImages..] : next;
            try
            {
                shell.Store.SaveImages(_images);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // An image that is not remembered stays.
                Log.NotKept(shell.Ports.Log, error.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4932, LogLevel.Information, "The image {Reference} is removed: nothing uses it any more")]
        public static partial void Removed(ILogger logger, string reference);

        [LoggerMessage(4933, LogLevel.Warning, "The image {Reference} is not used any more and cannot be removed: {Reason}")]
        public static partial void Stays(ILogger logger, string reference, string reason);

        [LoggerMessage(4934, LogLevel.Warning, "Which images the agent pulled cannot be kept: {Reason}")]
        public static partial void NotKept(ILogger logger, string reason);
    }
}
