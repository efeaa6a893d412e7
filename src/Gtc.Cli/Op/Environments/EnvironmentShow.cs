using Gtc.Cli.Output;
using Gtc.Cli.Verbs;
using Gtc.Model;
using Gtc.Store;

namespace Gtc.Cli.Op.Environments;

/// <summary><c>gtc op env show</c>: an environment as it is, or as it was.</summary>
internal static class EnvironmentShow
{
    /// <summary>The verb.</summary>
    public static Verb<ShowPayload> Verb => new()
    {
        Noun = "env",
        Name = "show",
        Purpose = "Show an environment, as it is or as it was at a generation",
        Examples = ["op env show", "op env show local --format json", "op env show --at 3"],
        Payload = OpJson.Default.ShowPayload,
        Fields = [PayloadField.Environment, new("at", "the generation; the newest when not given", "--at", "GENERATION")],
        RunAsync = RunAsync,
    };

    private static async Task<Outcome<Answer>> RunAsync(ShowPayload payload, VerbCall call, CancellationToken cancellationToken)
    {
        EnvironmentRuntime? runtime = null;
        if (!OpStore.Open(call, payload.EnvironmentId).TryGet(out var at, out var refusal)
            || !(await DocumentAsync(at, payload.At, cancellationToken)).TryGet(out var document, out refusal)
            || (payload.At is null && !(await at.LoadRuntimeAsync(cancellationToken)).TryGet(out runtime, out refusal)))
        {
            return refusal;
        }

        return new Answer(
            writer =>
            {
                writer.WriteStartObject();
                writer.WritePropertyName("environment");
                writer.WriteRawValue(Documents.Environment.ToLine(document), skipInputValidation: true);
                writer.WritePropertyName("runtime");
                if (runtime is null)
                {
                    writer.WriteNullValue();
                }
                else
                {
                    writer.WriteRawValue(Documents.EnvironmentRuntime.ToLine(runtime), skipInputValidation: true);
                }

                writer.WriteEndObject();
            },
            screen => EnvironmentPage.Show(document, screen));
    }

    private static Task<Outcome<EnvironmentDocument>> DocumentAsync(OpPlace at, ulong? generation, CancellationToken cancellationToken) => generation is { } past
        ? at.LoadAtAsync(past, cancellationToken)
        : at.LoadAsync(cancellationToken);
}
