using System.Text.Json;
using Gtc.Artifacts.Packs;

namespace Gtc.Flows;

/// <summary>Calls components for one run: again where a reason may pass, and with errors as the flow reports them (flows-and-components.md §2.9).</summary>
internal sealed class ComponentCalls(FlowOptions options, RunBudget budget, FlowContext context, InboundActivity activity)
{
    /// <exception cref="FlowFault">It failed for good.</exception>
    public JsonElement Call(LoadedFlow flow, FlowNode node, string componentId, JsonElement mapping, CancellationToken cancellationToken)
    {
        var input = ComponentInput.Of(node, componentId, mapping);
        var caller = flow.Components.Caller(context, flow.Flow.Id, node.Id, componentId);
        var invocation = new ComponentInvocation(caller, input.Operation, input.Payload, input.Metadata, activity);
        if (CardInput.IsCard(input.Payload))
        {
            invocation = invocation with { Payload = new CardInput(flow.Components.Pack, node.Id, invocation.Locale).Fill(input.Payload, input.Metadata) };
            budget.Spend(flow.Flow.Id, invocation.Payload);
        }

        for (uint attempt = 1; ; attempt++)
        {
            budget.Time(flow.Flow.Id);
            try
            {
                var answer = flow.Components.Call(invocation with { Attempt = attempt }, budget.ComponentTime, cancellationToken);
                budget.Spend(flow.Flow.Id, answer);
                return ComponentFault.Reported(answer) is { } reported ? throw reported : answer;
            }
            catch (ComponentFault fault) when (options.Retries.Allows(attempt, fault.Message))
            {
                Pause(options.Retries.Delay(attempt, options.Random), cancellationToken);
            }
            catch (ComponentFault fault)
            {
                throw new FlowFault($"component {componentId} failed: {fault.Message}");
            }
        }
    }

    private void Pause(TimeSpan delay, CancellationToken cancellationToken) => Waiting.For(
        async token =>
        {
            await Task.Delay(delay, options.Time, token);
            return true;
        },
        cancellationToken);
}
