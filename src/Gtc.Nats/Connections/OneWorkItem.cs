using System.IO.Pipelines;

namespace Gtc.Nats;

/// <summary>Continues a pipe's one reader on the thread pool without a new object each time: a reader has at most one continuation under way.</summary>
internal sealed class OneWorkItem : PipeScheduler, IThreadPoolWorkItem
{
    private Action<object?>? _action;
    private object? _state;

    public override void Schedule(Action<object?> action, object? state)
    {
        _action = action;
        _state = state;
        System.Threading.ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        var (action, state) = (_action!, _state);
        _action = null;
        _state = null;
        action(state);
    }
}
