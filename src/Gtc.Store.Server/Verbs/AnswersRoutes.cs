using System.Text.Json;
using System.Text.Json.Nodes;
using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The routes of what the env-pack in a slot was answered. Answers belong to a binding: other answers are an update of it, which a rollback undoes.</summary>
internal static class AnswersRoutes
{
    private const string Answers = "/environments/{env_id}/packs/{slot}/answers";

    /// <summary>The routes.</summary>
    public static IReadOnlyList<StoreRoute> All { get; } =
    [
        new ReadRoute { Method = "GET", Path = Answers, Noun = "env-packs", Verb = "answers", Summary = "What the env-pack in a slot was answered, with its own entity tag and generation", Answer = ShowAsync },
        ChangeRoute.With("PUT", Answers, "env-packs", "answer", "Answers the env-pack in a slot anew; If-Match must carry the tag of the answers that are there", ContractJson.Default.AnswersBody, Put) with
        {
            Precondition = Precondition.OfSide,
        },
        ChangeRoute.Bare("DELETE", Answers, "env-packs", "forget-answers", "Takes the answers of a slot away; their generation goes on with the next ones", Delete) with { Precondition = Precondition.OfSide },
    ];

    private static Outcome<Planned> Put(Asked asked, AnswersBody body) => BindingRoutes.SlotOf(asked).Then<Planned>(slot =>
        BindingRoutes.CheckAnswers(body.Answers) is { } refusal ? refusal : Planned(asked, slot, context => Bound(context, slot).Then(binding =>
        {
            var answered = binding with { AnswersRef = AnswersPlace.Of(slot), AnswersDigest = CanonicalJson.Digest(body.Answers) };
            return PackVerbs.Update(context.Present, answered).Then(change => AnswersSides.Stage(context, answered.AnswersRef, body.Answers).Then<Change>(sides =>
                BindingRoutes.Changed(change, ContractJson.Default.EnvPackBinding) with { Sides = sides }));
        })));

    private static Outcome<Planned> Delete(Asked asked) => BindingRoutes.SlotOf(asked).Then<Planned>(slot => Planned(asked, slot, context =>
    {
        var reference = AnswersPlace.Of(slot);
        var binding = context.Present.Packs.FirstOrDefault(pack => pack.Slot == slot);
        return context.Side(SideName.Of(reference)).Then(side => side is null ? NoAnswers(slot) : AnswersSides.Remove(context, reference).Then(sides => binding?.AnswersRef != reference
            ? new Change(Wire.Answer(new JsonObject { ["deleted"] = true })) { Sides = sides }
            : PackVerbs.Update(context.Present, binding with { AnswersRef = null, AnswersDigest = null }).Then<Change>(change =>
                new Change(Wire.Answer(new JsonObject { ["deleted"] = true })) { Document = change.Document, Sides = sides })));
    }));

    private static Planned Planned(Asked asked, CapabilitySlot slot, Func<ChangeContext, Outcome<Change>> step) =>
        new(Wire.Target(asked.Environment, ("slot", PackVerbs.Text(slot))), step)
        {
            Side = _ => SideName.Of(AnswersPlace.Of(slot)),
            AlsoNeeds = Revocations.RightFor(slot),
        };

    private static Outcome<EnvPackBinding> Bound(ChangeContext context, CapabilitySlot slot) => context.Present.Packs.FirstOrDefault(pack => pack.Slot == slot) is { } bound
        ? bound
        : new Refusal.Missing($"slot `{PackVerbs.Text(slot)}` is not bound");

    private static Outcome<Change> NoAnswers(CapabilitySlot slot) => new Refusal.Missing($"slot `{PackVerbs.Text(slot)}` has no answers");

    private static async Task<Reply> ShowAsync(ReadCall call)
    {
        var cancellation = call.Request.HttpContext.RequestAborted;
        if (!BindingRoutes.SlotOf((string)call.Request.RouteValues["slot"]!).TryGet(out var slot, out var refusal))
        {
            return Reply.Of(Problem.Of(refusal));
        }

        var reference = AnswersPlace.Of(slot);
        var answers = await call.Storage.ReadSideAsync(call.Environment, SideName.Of(reference), cancellation);
        var count = await call.Storage.ReadSideAsync(call.Environment, AnswersSides.CountOf(reference), cancellation);
        if (!answers.Then(side => count.Then(counted => AnswersSides.Of(side, counted))).TryGet(out var standing, out refusal))
        {
            return ReadRoutes.Refuse(call.Environment, refusal);
        }

        return standing.Answers is not { } present ? Reply.Of(Problem.Of(NoAnswers(slot).Refusal!)) : ReadRoutes.WithEtag(call, present.Etag, writer =>
        {
            writer.WriteString("environment_id", call.Environment.ToString());
            writer.WriteString("slot", PackVerbs.Text(slot));
            writer.WritePropertyName("answers");
            using var parsed = JsonDocument.Parse(present.Bytes);
            parsed.RootElement.WriteTo(writer);
            writer.WriteString("etag", present.Etag);
            writer.WriteNumber("generation", standing.Generation);
        });
    }
}
