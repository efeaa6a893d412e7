using System.Collections.Immutable;

namespace Gtc.Fleet.Contracts;

/// <summary>The canonical bytes of scores: declared order, defaults left out, unknown members last and sorted.</summary>
internal static class CanonicalScore
{
    public static byte[] Write(ReconcileScore score)
    {
        var writer = new CanonicalWriter();
        writer.Open('{');
        if (score.PodmanV0 is { } podman)
        {
            writer.Name("PodmanV0");
            Write(writer, podman);
        }

        writer.Members(score.Unknown);
        writer.Close('}');
        return writer.ToArray();
    }

    private static void Write(CanonicalWriter writer, PodmanV0 podman)
    {
        writer.Open('{');
        writer.Name("services");
        Write(writer, podman.Services, Write);
        if (!podman.Files.IsEmpty)
        {
            writer.Name("files");
            Write(writer, podman.Files, Write);
        }

        writer.Members(podman.Unknown);
        writer.Close('}');
    }

    private static void Write(CanonicalWriter writer, PodmanService service)
    {
        writer.Open('{');
        Text(writer, "name", service.Name);
        Text(writer, "image", service.Image);
        Texts(writer, "ports", service.Ports);
        if (!service.Env.IsEmpty)
        {
            writer.Name("env");
            writer.Open('{');
            foreach (var (name, value) in service.Env)
            {
                Text(writer, name, value);
            }

            writer.Close('}');
        }

        Texts(writer, "command", service.Command);
        Texts(writer, "entrypoint", service.Entrypoint);
        Texts(writer, "volumes", service.Volumes);
        Text(writer, "restart", service.Restart == default ? null : Words.Restart.WordOf(service.Restart));
        Text(writer, "pull", service.Pull == default ? null : Words.Pull.WordOf(service.Pull));
        Text(writer, "network", service.Network == default ? null : Words.Network.WordOf(service.Network));
        Text(writer, "memory", service.Memory);
        Number(writer, "cpus", service.Cpus);
        Number(writer, "pids", service.Pids);
        if (service.Health is { } health)
        {
            writer.Name("health");
            Write(writer, health);
        }

        writer.Members(service.Unknown);
        writer.Close('}');
    }

    private static void Write(CanonicalWriter writer, HealthCheck health)
    {
        writer.Open('{');
        writer.Name("test");
        Write(writer, health.Test, static (to, text) => to.Text(text));
        Text(writer, "interval", health.Interval);
        Text(writer, "timeout", health.Timeout);
        Number(writer, "retries", health.Retries);
        Text(writer, "start", health.Start);
        writer.Members(health.Unknown);
        writer.Close('}');
    }

    private static void Write(CanonicalWriter writer, ScoreFile file)
    {
        writer.Open('{');
        Text(writer, "path", file.Path);
        Text(writer, "mode", file.Mode is ScoreFile.DefaultMode ? null : file.Mode);
        Text(writer, "content", file.Content);
        writer.Members(file.Unknown);
        writer.Close('}');
    }

    private static void Write<T>(CanonicalWriter writer, ImmutableArray<T> items, Action<CanonicalWriter, T> write)
    {
        writer.Open('[');
        foreach (var item in items)
        {
            write(writer, item);
        }

        writer.Close(']');
    }

    private static void Texts(CanonicalWriter writer, string name, ImmutableArray<string> texts)
    {
        if (!texts.IsEmpty)
        {
            writer.Name(name);
            Write(writer, texts, static (to, text) => to.Text(text));
        }
    }

    private static void Text(CanonicalWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.Name(name);
            writer.Text(text);
        }
    }

    private static void Number(CanonicalWriter writer, string name, double? number)
    {
        if (number is { } value)
        {
            writer.Name(name);
            writer.Number(value);
        }
    }

    private static class Words
    {
        public static readonly RestartPolicyConverter Restart = new();
        public static readonly PullPolicyConverter Pull = new();
        public static readonly NetworkModeConverter Network = new();
    }
}
