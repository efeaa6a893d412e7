using Gtc.Fleet.Agent.Configuration;
using Gtc.Fleet.Agent.Running;
using Gtc.Fleet.Agent.Tests.Lab;
using Gtc.Podman.Tests.Real;

namespace Gtc.Fleet.Agent.Tests.Running;

/// <summary>With a real podman and a real registry.</summary>
[Collection("podman")]
public sealed class Images_that_nothing_uses_go(RealPodman podman)
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(50);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_image_of_before_goes_after_an_upgrade_and_images_of_others_stay()
    {
        await using var registry = await LocalRegistry.StartAsync();
        await using var lab = await StartAsync(registry, TimeSpan.Zero);
        lab.ImagePause = Often;
        var (first, second, others) = (await PushAsync(lab, registry, 1), await PushAsync(lab, registry, 2), await PushAsync(lab, registry, 3));
        (await lab.Podman.PullAsync(new(others) { IsInsecure = true }, Token)).Error.ShouldBeNull("somebody pulls it by hand");
        var port = RealPodman.FreePort();
        lab.Boot();
        await lab.ApplyAsync("web", DeviceLab.Score("web", first, port));
        await lab.RunsAsync("web");
        (await IsThereAsync(lab, first)).ShouldBeTrue();

        await lab.ApplyAsync("web", DeviceLab.Score("web", others, port));
        await lab.RunsAsync("web");
        await GoneAsync(lab, first);
        await lab.ApplyAsync("web", DeviceLab.Score("web", second, port));
        await lab.RunsAsync("web");
        await lab.RemoveAsync("web");
        await lab.GoneAsync("web");
        await GoneAsync(lab, second);
        foreach (var kept in (string[])[others, RealPodman.Image, RealPodman.OtherImage])
        {
            (await IsThereAsync(lab, kept)).ShouldBeTrue($"{kept} was not brought by the agent");
        }

        await lab.Podman.RemoveImageAsync(others, Token);
    }

    [Fact]
    public async Task It_stays_for_a_while_unless_the_disk_is_short()
    {
        await using var registry = await LocalRegistry.StartAsync();
        await using var lab = await StartAsync(registry, TimeSpan.FromHours(1));
        lab.ImagePause = Often;
        var (first, second) = (await PushAsync(lab, registry, 1), await PushAsync(lab, registry, 2));
        var port = RealPodman.FreePort();
        lab.Boot();
        await lab.ApplyAsync("old", DeviceLab.Score("old", first, port));
        await lab.RunsAsync("old");
        await lab.RemoveAsync("old");
        await lab.GoneAsync("old");
        await UnusedAsync(lab);
        (await IsThereAsync(lab, first)).ShouldBeTrue("an hour is not over");

        // The disk has room again once the image is removed.
        lab.FreeMb = 0;
        lab.Before = step => lab.FreeMb = step == AgentStep.RemoveImage ? null : lab.FreeMb;
        await lab.ApplyAsync("new", DeviceLab.Score("new", second, port));
        await lab.RunsAsync("new");
        await GoneAsync(lab, first);
    }

    [Fact]
    public async Task After_power_cuts_the_image_is_the_agents_all_the_same()
    {
        await using var registry = await LocalRegistry.StartAsync();
        await using var lab = await StartAsync(registry, TimeSpan.Zero);
        var first = await PushAsync(lab, registry, 1);
        var port = RealPodman.FreePort();
        lab.Before = step => Cut(step, AgentStep.Create);
        lab.Boot();
        await lab.ApplyAsync("web", DeviceLab.Score("web", first, port));
        (await lab.DeathAsync()).ShouldBeOfType<PowerCutException>();

        lab.Before = null;
        lab.ImagePause = Often;
        lab.Boot();
        await lab.RunsAsync("web");
        lab.Before = step => Cut(step, AgentStep.RemoveImage);
        await lab.RemoveAsync("web");
        (await lab.DeathAsync()).ShouldBeOfType<PowerCutException>("the image is about to be removed");

        lab.Before = null;
        lab.Boot();
        await GoneAsync(lab, first);
    }

    [Fact]
    public async Task Nothing_goes_where_it_is_switched_off()
    {
        await using var registry = await LocalRegistry.StartAsync();
        await using var lab = await StartAsync(registry, TimeSpan.Zero);
        lab.ImagePause = Often;
        lab.Config = lab.Config with { PrunesImages = false };
        var first = await PushAsync(lab, registry, 1);
        lab.Boot();
        await lab.ApplyAsync("web", DeviceLab.Score("web", first, RealPodman.FreePort()));
        await lab.RunsAsync("web");
        await lab.RemoveAsync("web");
        await lab.GoneAsync("web");
        await lab.HaltAsync();
        (await IsThereAsync(lab, first)).ShouldBeTrue();
        await lab.Podman.RemoveImageAsync(first, Token);
    }

    private static void Cut(AgentStep step, AgentStep at)
    {
        if (at == step)
        {
            throw new PowerCutException();
        }
    }

    private static Task<bool> UnusedAsync(DeviceLab lab) => UntilAsync("the agent knows since when the image is not used", () => Task.FromResult(
        File.ReadAllText(Path.Combine(lab.Config.DataFolder, "images.json")).Contains("unused_since", StringComparison.Ordinal)));

    private static Task<bool> GoneAsync(DeviceLab lab, string reference) => UntilAsync($"{reference} is gone", async () => !await IsThereAsync(lab, reference));

    private static async Task<bool> UntilAsync(string what, Func<Task<bool>> isSo)
    {
        for (var attempt = 0; attempt < 1200; attempt++)
        {
            if (await isSo())
            {
                return true;
            }

            await Task.Delay(50, Token);
        }

        throw new TimeoutException($"not within a minute: {what}");
    }

    private static async Task<bool> IsThereAsync(DeviceLab lab, string reference) => (await lab.Podman.HasImageAsync(reference, Token)).Value;

    private async Task<DeviceLab> StartAsync(LocalRegistry registry, TimeSpan keeps)
    {
        var lab = await DeviceLab.StartAsync(podman);
        lab.Config = lab.Config with { Registries = [new RegistryRule { Host = registry.Address, IsInsecure = true }], KeepsImages = keeps };
        return lab;
    }

    /// <summary>An image that only the registry has.</summary>
    private async Task<string> PushAsync(DeviceLab lab, LocalRegistry registry, int number)
    {
        var reference = $"{registry.Address}/gtc/page:{number}";
        await RealPodman.ImportAsync(lab.Podman, reference, $"page {number} of {registry.Address}\n");
        await podman.RunAsync("push", "--tls-verify=false", reference);
        (await lab.Podman.RemoveImageAsync(reference, Token)).Value.ShouldBeTrue();
        return reference;
    }
}
